// A scenario as the rest of the harness sees it: parsed, defaults filled in, durations in ms, sizes in bytes.
// The text form, its schema and its messages are in scenario/.

import type { Severity } from './finding.ts';

/** The typed, resolved form of a scenario file (docs/reference.md, "Scenario file"). */
export interface Scenario {
  /** Path below scenarios/ without `.yaml`, or the file's path. */
  id: string;
  file: string;
  title: string;
  /** A few sentences on what it shows. */
  description?: string;
  severity: Severity;
  suite: string | null;
  /** Default agent by name or path. */
  agent: string | null;
  topology: Topology;
  load: Load[];
  faults: PlannedFault[];
  /** Checker id → its raw parameters; each checker's own schema parses them. */
  expect: Record<string, Record<string, unknown>>;
  /** The profile that was merged over, or null. */
  profile: string | null;
  controls: Control[];
  /** Phase bounds, ms. */
  limits: { preflightMs: number; drainMs: number };
}

/** Whether the container runtime itself is watched: only an engine that has one can run it. */
export function asksRuntime({ expect }: Pick<Scenario, 'expect'>): boolean {
  return expect['socket-stall']?.runtimeMax !== undefined;
}

/** A run that shows what the scenario proves: clean, or with exactly these findings. */
export interface Control {
  agent: string;
  /** Same keys as a profile, merged over. */
  with: Record<string, unknown>;
  /** `checker/class` at any hop, or `checker/class@hop`. */
  finds: string[];
}

export interface Topology {
  apps: Record<string, AppSpec>;
  relays: { at: string; type: string; with: Record<string, unknown> }[];
  sink: SinkSpec;
  /** Overrides the agent file's driver. */
  driver: DriverOverride;
  agent: { memoryMaxBytes: number | null; diskMaxBytes: number | null };
}

export interface AppSpec {
  name: string;
  /** traefik, peertube, emitter, or a plugin's. */
  type: string;
  /** App behind this one, for proxies. */
  backend: string | null;
  shape: string;
  writes: 'blocking' | 'queued';
  with: Record<string, unknown>;
}

export interface SinkSpec {
  /** loki, or a plugin's. */
  type: string;
  /** `3.7` (default) or `2019`. */
  version: string;
  limits: SinkLimits;
  with: Record<string, unknown>;
}

export interface SinkLimits {
  grpcMessageMaxBytes: number;
  lineMaxBytes: number;
  /** bytes per second; Infinity where the version has none. */
  rateBytesPerSecond: number;
  burstBytes: number;
  streamRateBytesPerSecond: number;
  streamBurstBytes: number;
  streamsMax: number;
}

/** Keys of the agent file's `driver` that a scenario sets, or a plugin's driver. */
export type DriverOverride = Partial<DriverSpec> & { type?: string; with?: Record<string, unknown> };

/** The log driver in front of the agent (docs/reference.md, "Driver keys"). */
export interface DriverSpec {
  name: 'fluentd' | 'syslog' | 'json-file' | 'local' | 'none';
  /** Behaviour to emulate: `18.09`, `20.10`, `28`, `29`. */
  docker: string;
  address: 'unix' | 'tcp';
  async: boolean;
  mode: 'blocking' | 'non-blocking';
  /** bytes up to 18.09, messages later; 1048576 by default. */
  bufferLimit: number;
  retryWaitMs: number;
  /** Docker's log-opts verbatim; they win over the short forms. */
  options: Record<string, string>;
}

export interface Load {
  to: string;
  kind: 'http' | 'lines';
  /** http: request path with `{id}`. */
  path: string;
  untilMs: number;
  rate: RatePoint[];
  /** lines: sizes drawn from these, bytes of a whole line; empty: the shape decides. */
  sizesBytes: number[];
}

/** From `atMs` on, `perSecond`; `linear` ramps from the previous rate over the span up to the next point or `untilMs`. */
export interface RatePoint {
  atMs: number;
  perSecond: number;
  ramp: 'none' | 'linear';
}

export interface PlannedFault {
  atMs: number;
  /** null: until load ends. */
  forMs: number | null;
  fault: string;
  /** The other keys, parsed by the fault's own schema. */
  params: Record<string, unknown>;
}
