// What the command line hands to run/: options that are already checked, names that are not yet looked up.

import type { EngineName } from './run.ts';

/** The engines of this version; the others of the design follow on the same seams. */
export const AVAILABLE_ENGINES = ['process', 'docker'] as const satisfies readonly EngineName[];

/** Files of the user's own set-up to take the log driver from. */
export interface SetUpOptions {
  /** Docker's daemon.json. */
  daemonJson: string | null;
  /** A compose file, and which of its services writes the logs. */
  compose: string | null;
  service: string | null;
}

/** What `larsen run` was asked for. */
export interface RunOptions {
  /** Names or paths; empty: every scenario with `suite: default`. */
  scenarios: string[];
  /** Names or paths; empty: the scenario's own agent, else `larsen-agent`. */
  agents: string[];
  engine: 'process' | 'docker';
  /** null: drawn anew and printed. */
  seed: number | null;
  /** Runs of each scenario and agent, from 1. */
  repeat: number;
  /** Folder for results; null: a fresh one under reports/runs/. */
  out: string | null;
  profile: string | null;
  /** Judge by these checkers only; empty: by all. */
  only: string[];
  /** `unknown`: an unknown verdict fails too (exit 2). `invalid`: only an invalid one does. */
  failOn: 'invalid' | 'unknown';
  /** How often an unknown run is tried again. */
  retryUnknown: number;
  /** Keep what the run left in its private folders. */
  keep: boolean;
  /** stdout holds result.json and nothing else. */
  json: boolean;
  quiet: boolean;
  /** larsen.config to use; null: the one in the working directory, if any. */
  configFile: string | null;
  /** Where the log driver is taken from in place of the agent file; none by default. */
  setUp?: SetUpOptions;
}

/** What `larsen check` was asked for. */
export type CheckOptions = Pick<RunOptions, 'only' | 'failOn' | 'json' | 'quiet' | 'configFile'>;

/** What `larsen replay` was asked for. */
export type ReplayOptions = Pick<RunOptions, 'out' | 'failOn' | 'keep' | 'json' | 'quiet' | 'configFile'>;
