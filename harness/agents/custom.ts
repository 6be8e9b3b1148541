// Any program at all: the agent file says how to start it. `none` is the agent of drivers that deliver by themselves.

import { HarnessError } from '../core/errors.ts';
import type { AgentAdapter } from './adapter.ts';

/** An agent that only its own file knows how to start. */
export const custom: AgentAdapter = {
  name: 'custom',
  defaultConfig: null,
  command: ({ name }) => {
    throw new HarnessError(
      'E_AGENT_COMMAND',
      `Agent ${name} is \`agent: custom\` and has no command. Put \`process: { command: [program, argument] }\` into its file.`,
    );
  },
  health: null,
  metrics: null,
};
