// The agent of this project. Without a config of its own it runs with the defaults it ships: bounded batches, bounded
// memory, no payload in its log.

import type { AgentAdapter } from './adapter.ts';

const DEFAULT_CONFIG = `# What larsen-agent runs with when the agent file has no config.
inputs: [{ type: forward, url: "\${LARSEN_FORWARD_URL}" }]
outputs: [{ type: loki, url: "\${LARSEN_SINK_URL}" }]
http: { listen: "127.0.0.1:\${LARSEN_HTTP_PORT}" }
labels: { app: container-name }
`;

/** Started with the Node that runs larsen. */
export const larsenAgent: AgentAdapter = {
  name: 'larsen-agent',
  defaultConfig: DEFAULT_CONFIG,
  command: () => [process.execPath, '{package}/dist/agent/main.js', '--config', '{config}'],
  health: 'http://127.0.0.1:{http}/health',
  metrics: 'http://127.0.0.1:{http}/metrics',
};
