// The interfaces of the parts a run is made of, built in or from a plugin (CONTRACTS section 6). The `define…`
// functions of the library are identities over these types: what is built in is made with the same calls.

import type { EmittedEvent, EventRef } from './event.ts';
import type { CheckResult } from './finding.ts';
import type { History } from './history.ts';
import type { Ledger } from './ledger.ts';
import type { EngineName, RunFacts } from './run.ts';

/** A zod schema, or a function from unknown to the parameters that throws with a sentence. */
export type Params<P> = { parse(raw: unknown): P } | ((raw: unknown) => P);

export interface FaultDefinition<P = unknown> {
  name: string;
  hop: string;
  engines: EngineName[];
  params: Params<P>;
  inject(world: World, params: P): Promise<void> | void;
  heal(world: World, params: P): Promise<void> | void;
  /** The events that prove that it bit, within its window; empty: it did not bite and the run is unknown. */
  bit(history: History, window: { fromNs: number; toNs: number }): Promise<EventRef[]> | EventRef[];
}

export interface CheckerDefinition<P = unknown> {
  name: string;
  params: Params<P>;
  check(input: { history: History; ledger: Ledger; params: P; run: RunFacts }): Promise<CheckResult> | CheckResult;
}

/** One line of a shape: its bytes without newline, or one that carries no id. */
export type ShapedLine = Uint8Array | { anonymous: true; bytes: Uint8Array };

export interface ShapeDefinition {
  name: string;
  /** Text lines for one due line: holds `id` exactly once. May return several where one event makes several lines. `bytes`: size asked for by the plan, 0 if free. */
  line(input: { id: string; seq: number; dueMs: number; random: () => number; bytes?: number }): ShapedLine | ShapedLine[];
}

export interface AppDefinition {
  name: string;
  kind: 'lines' | 'http';
  command: string[];
}

/** A started part: ends with `[Symbol.asyncDispose]`. */
export interface StartedPart extends AsyncDisposable {
  control?(command: string, data: unknown): Promise<unknown>;
}

export interface SinkEntry {
  tNs: bigint | number | string;
  line: string | Uint8Array;
  labels: Record<string, string>;
  metadata?: Record<string, string>;
}

export interface SinkDefinition {
  name: string;
  at: 'relay' | 'sink';
  start(input: SinkStart): Promise<StartedPart & { url: string }>;
  /** Everything stored with a timestamp in the window; Unix nanoseconds, which do not fit a double. */
  readBack?(window: { fromNs: bigint; toNs: bigint }): AsyncIterable<SinkEntry>;
}

export interface SinkStart {
  port: number;
  dataDir: string;
  sharedDir: string;
  upstreamUrl: string | undefined;
  params: Record<string, unknown>;
  emit(event: EmittedEvent): void;
}

export interface DriverDefinition {
  name: string;
  start(input: DriverStart): Promise<StartedPart>;
}

export interface DriverStart {
  apps: { name: string; stdout: string; stderr: string }[];
  forwardUrl: string;
  dataDir: string;
  sharedDir: string;
  params: Record<string, unknown>;
  emit(event: EmittedEvent): void;
}

/** What a fault rule of the recording hop does to matching pushes. */
export interface SinkRule {
  /** Answer this instead of passing on. */
  status?: number;
  /** Body of that answer: `resource-exhausted`, `rate-limited` or free text. */
  body?: string;
  /** Retry-After header, seconds. */
  retryAfter?: number;
  /** Take the request and never answer. */
  silent?: boolean;
  /** Delay each answer, ms. */
  delayMs?: number;
  /** Pass request bodies on at this rate. */
  bytesPerSecond?: number;
  /** Cut the connection after so many request bytes. */
  resetAfterBytes?: number;
  /** Only the first so many calls. */
  calls?: number;
  /** Share of the calls, 0..1, by seed. */
  share?: number;
  /** Name under which pushes answered by this rule are recorded. */
  fault: string;
}

/** The world as faults see it. Every method is bounded in time. */
export interface World {
  agent: { pid(): number | null; signal(name: NodeJS.Signals): Promise<void>; stop(): Promise<void>; start(): Promise<void> };
  driver: { restart(): Promise<void>; control(command: string, data?: unknown): Promise<unknown> };
  sink: {
    /** Adds a rule at the recording hop in front of the sink; resolves to a function that takes it back. */
    script(rule: SinkRule): Promise<() => Promise<void>>;
    /** Stops accepting connections (refused) until start(). */
    stop(): Promise<void>;
    start(): Promise<void>;
    control(command: string, data?: unknown): Promise<unknown>;
    /** Base URL at which the agent reaches the sink, so that a fault can see for itself whether it answers. */
    url?: string;
  };
  relays: Record<string, { control(command: string, data?: unknown): Promise<unknown> }>;
  apps: Record<string, { pid(): number | null; signal(name: NodeJS.Signals): Promise<void>; stop(): Promise<void>; start(): Promise<void> }>;
  mark(kind: string, data?: Record<string, unknown>): EventRef;
  signal: AbortSignal;
}
