// An agent under test as the rest of the harness sees it: the agent file parsed and resolved (docs/reference.md,
// "Agent file").

import type { DriverSpec } from './scenario.ts';

/**
 * How the agent wraps a line in an entry of the sink. `auto` is learned from canaries in preflight. `quoting` of
 * logfmt: escaped as Go does, or the bare text between quotes (Fluentd's key_value of 2019); guessed where not told.
 */
export type LineWrapper =
  | { kind: 'auto' }
  | { kind: 'raw' }
  | { kind: 'json'; key: string }
  | { kind: 'logfmt'; key: string; quoting?: 'go' | 'raw' }
  | { kind: 'otel' }
  | { kind: 'unlearnable' };

/** A parsed agent file. */
export interface AgentSpec {
  name: string;
  /** larsen-agent | fluentd | fluent-bit | vector | otelcol | alloy | custom | none */
  agent: string;
  /** Path of the agent file, null for the built-in default. */
  file: string | null;
  /** Folder of the agent file: the working directory of its process. */
  folder: string;
  /** Text of the agent's own config, placeholders not yet replaced; null when it has none. */
  configText: string | null;
  configFile: string | null;
  process: { command: string[]; env: Record<string, string>; readyWithinMs: number; drainWithinMs: number };
  image: string | null;
  /** Folder to build the image from (docker engine), absolute. */
  build?: string;
  driver: DriverSpec;
  /** Where the agent's own stdout and stderr go. */
  self: DriverSpec;
  /** The keys of `self` that the agent file sets itself; the others follow `driver`. */
  selfSet?: Partial<DriverSpec>;
  /** Whether the agent file says itself where its own output goes. */
  isSelfSet?: boolean;
  /** The file that the driver was taken from in place of the agent file. */
  setUp?: {
    form: 'daemon-json' | 'compose';
    file: string;
    service: string | null;
    driver: string;
    options: Record<string, string>;
  };
  line: LineWrapper;
  /** URL templates with {http}. */
  health: string | null;
  metrics: string | null;
  /** Where it admits a loss beside its counters: a pattern (source of a RegExp) in its own log, a path with placeholders. */
  admits?: { log: string | null; deadLetters: string | null };
}
