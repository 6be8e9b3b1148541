// What it takes to start an agent under test on this machine: its command, environment and config with the addresses
// of this run filled in. An adapter knows how one agent is started; everything around it is the same for all.

import type { AgentSpec } from '../model/agent.ts';

/** What a run hands to an agent. */
export interface AgentInput {
  spec: AgentSpec;
  /** `unix:///…/agent.sock` or `tcp://127.0.0.1:PORT`: where it must listen. */
  forwardUrl: string;
  /** Base URL to push to. */
  sinkUrl: string;
  /** Private folder, kept over restarts. */
  dataDir: string;
  /** A free port reserved for its HTTP pages. */
  httpPort: number;
  /** Folder shared by driver, agent and stand-ins. */
  sharedDir: string;
  /** The folder of larsen itself. */
  packageDir: string;
  /** Where the rewritten config is put. */
  tempDir: string;
}

/** An agent ready to be started. */
export interface PreparedAgent {
  /** Program and arguments, never empty. */
  command: string[];
  /** The whole environment. */
  env: Record<string, string>;
  /** Working directory. */
  cwd: string;
  /** The rewritten config, null when the agent has none. */
  configPath: string | null;
  /** What was rewritten, as a diff with secrets redacted; empty when nothing was. */
  configDiff: string;
  /** URLs, null where the agent file names none. */
  health: string | null;
  metrics: string | null;
  /** Where its dead letters are, null where its file names none. */
  deadLetters: string | null;
}

/** How one agent is started. */
export interface AgentAdapter {
  /** The value of `agent:` in an agent file. */
  name: string;
  /** Config text when the agent file has none, placeholders not yet replaced; null: none. */
  defaultConfig: string | null;
  /** Command when the agent file has none, with placeholders. Throws `HarnessError` when there is no way to know it. */
  command(spec: AgentSpec): string[];
  /** Pages of the agent when the agent file names none, with placeholders. */
  health: string | null;
  metrics: string | null;
}
