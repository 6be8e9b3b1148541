// The agents as public images, by name and pinned version, and what their entry points are given. `larsen.config`
// names mirrors under `images:`; an agent file's own `image:` wins.

import { basename } from 'node:path';
import type { AgentSpec } from '../model/agent.ts';

/** How an agent is started from its image. */
export interface AgentImage {
  image: string;
  /** Arguments of the image's own entry point, with placeholders. */
  arguments: string[];
}

const IMAGES: Readonly<Record<string, AgentImage>> = {
  fluentd: { image: 'fluent/fluentd:v1.19-debian-1', arguments: ['fluentd', '-c', '{config}'] },
  'fluent-bit': { image: 'fluent/fluent-bit:4.0.3', arguments: ['/fluent-bit/bin/fluent-bit', '-c', '{config}'] },
  vector: { image: 'timberio/vector:0.57.0-debian', arguments: ['--config', '{config}'] },
  otelcol: { image: 'otel/opentelemetry-collector-contrib:0.165.0', arguments: ['--config', '{config}'] },
  alloy: { image: 'grafana/alloy:v1.9.1', arguments: ['run', '--storage.path={data}', '{config}'] },
};

/** Programs that the Node image runs. */
const NODE = new Set(['node', basename(process.execPath)]);

/** The image of an agent of another project; null for `larsen-agent`, `custom` and `none`. */
export function imageOf({ agent }: Pick<AgentSpec, 'agent'>): AgentImage | null {
  return IMAGES[agent] ?? null;
}

/** Whether the agent file's command is a plain Node program, which needs no image of its own. */
export function isNodeProgram({ process: { command } }: Pick<AgentSpec, 'process'>): boolean {
  return command[0] !== undefined && NODE.has(basename(command[0]));
}
