// The interfaces of the parts a run is made of, built in or from a plugin (docs/extending.md). The `define…`
// functions of the library are identities over these types: what is built in is made with the same calls.

import type { EmittedEvent, EventRef, Hop } from './event.ts';
import type { CheckResult } from './finding.ts';
import type { History } from './history.ts';
import type { Ledger } from './ledger.ts';
import type { EngineName, RunFacts } from './run.ts';

/** A zod schema, or a function from unknown to the parameters that throws with a sentence. */
export type Params<P> = ParamsSchema<P> | ((raw: unknown) => P);

/** A zod schema, or anything that parses like one. */
export interface ParamsSchema<P> {
  /** The parameters, or throws what is wrong with them. */
  parse(raw: unknown): P;
}

/** A fault: asks the world to misbehave, and names the evidence that it did. Made with `defineFault`. */
export interface FaultDefinition<P = unknown> {
  /** Its name in scenario files. */
  name: string;
  /** The hop that it disturbs. */
  hop: string;
  /** Engines that can do it. */
  engines: EngineName[];
  /** What the run must be given from its start for it; an engine that has none of it makes the run unknown. */
  needs?: 'agent-disk'[];
  params: Params<P>;
  /** Starts it; a rejection makes the run unknown. */
  inject(world: World, params: P): Promise<void> | void;
  /** Ends it. */
  heal(world: World, params: P): Promise<void> | void;
  /** The events that prove that it bit, within its window; empty: it did not bite and the run is unknown. */
  bit(history: History, window: { fromNs: number; toNs: number }): Promise<EventRef[]> | EventRef[];
}

/** A property of a run, judged from its record alone. Made with `defineChecker`. */
export interface CheckerDefinition<P = unknown> {
  /** Its name under `expect` in scenario files. */
  name: string;
  params: Params<P>;
  /** Judges; a pure function. What it throws becomes `unknown`. */
  check(input: { history: History; ledger: Ledger; params: P; run: RunFacts }): Promise<CheckResult> | CheckResult;
  /** Why this run is none of its business, as a sentence for people: it is then not judged, and the verdict does without it. */
  skips?(run: RunFacts): string | null;
}

/** A line of a shape: its bytes without newline, or one that carries no id. */
export type ShapedLine = Uint8Array | { anonymous: true; bytes: Uint8Array };

/** How a line looks. Made with `defineShape`. */
export interface ShapeDefinition {
  /** Its name in scenario files. */
  name: string;
  /** Text lines for one due line: holds `id` exactly once. May return several where one event makes several lines. `bytes`: size asked for by the plan, 0 if free. */
  line(input: {
    id: string;
    seq: number;
    dueMs: number;
    random: () => number;
    bytes?: number;
  }): ShapedLine | ShapedLine[];
}

/** A program that writes lines to its stdout. Made with `defineApp`. */
export interface AppDefinition {
  /** Its `type` in scenario files. */
  name: string;
  /** `lines`: fd 3 brings what is due. `http`: it owes a line per request. */
  kind: 'lines' | 'http';
  command: string[];
}

/** A started part: ends with `[Symbol.asyncDispose]`. */
export interface StartedPart extends AsyncDisposable {
  /** Takes a command of a fault; what it resolves to goes back to the fault. */
  control?(command: string, data: unknown): Promise<unknown>;
}

/** An entry of a sink as it is read back. */
export interface SinkEntry {
  /** Unix nanoseconds. */
  tNs: bigint | number | string;
  line: string | Uint8Array;
  labels: Record<string, string>;
  metadata?: Record<string, string>;
}

/** A sink, or a relay in front of one. Made with `defineSink`. */
export interface SinkDefinition {
  /** Its `type` in scenario files. */
  name: string;
  at: 'relay' | 'sink';
  /** Starts it; `url` is where the agent (or the hop in front) sends to. */
  start(input: SinkStart): Promise<StartedPart & { url: string }>;
  /** Everything stored with a timestamp in the window; Unix nanoseconds, which do not fit a double. */
  readBack?(window: { fromNs: bigint; toNs: bigint }): AsyncIterable<SinkEntry>;
}

/** What a sink or relay is started with. */
export interface SinkStart {
  /** A free port of the loopback interface, reserved for it. */
  port: number;
  /** Private folder. */
  dataDir: string;
  /** Folder shared by driver, agent and stand-ins of the run. */
  sharedDir: string;
  /** Relays: where to send on to. */
  upstreamUrl: string | undefined;
  /** `with` of the scenario file. */
  params: Record<string, unknown>;
  /** Puts an event into the history. */
  emit(event: EmittedEvent): void;
}

/** A log driver in place of ours. Made with `defineDriver`. */
export interface DriverDefinition {
  /** Its `type` in scenario files. */
  name: string;
  /** Starts it: it reads the apps' named pipes from then on. */
  start(input: DriverStart): Promise<StartedPart>;
}

/** What a driver is started with. */
export interface DriverStart {
  /** Apps and the paths of their named pipes. */
  apps: { name: string; stdout: string; stderr: string }[];
  /** Where the agent listens; the sink's address where there is no agent. */
  forwardUrl: string;
  /** Private folder. */
  dataDir: string;
  /** Folder shared by driver, agent and stand-ins of the run. */
  sharedDir: string;
  /** `with` of the scenario file. */
  params: Record<string, unknown>;
  /** Puts an event into the history. */
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

/** A process that a fault may disturb. */
export interface ProcessHandle {
  /** null: it does not run now. */
  pid(): number | null;
  /** Sends a signal to its whole group; for SIGSTOP and SIGCONT resolves when it took effect. */
  signal(name: NodeJS.Signals): Promise<void>;
  /** Whether it is frozen, where the engine knows better than /proc tells of its first process. */
  isFrozen?(): Promise<boolean>;
  /** Gives it a share of one core, where the engine can; resolves to a function that takes the limit away and tells what it did. */
  limitCpu?(share: number): Promise<() => Promise<CpuLimitFacts>>;
  /** SIGTERM, its time to drain, SIGKILL. */
  stop(): Promise<void>;
  /** Starts it again; resolves when it is ready. */
  start(): Promise<void>;
}

/** What the kernel told of a CPU limit while it was in force. */
export interface CpuLimitFacts {
  /** Periods of the scheduler in which the process ran, and those in which it was held back. */
  periods: number;
  throttledPeriods: number;
}

/** The agent's {data} folder as a disk of its own. */
export interface DiskHandle {
  /** The folder. */
  path: string;
  /** From now on so many more bytes can be written. */
  leave(bytes: number): Promise<void>;
  /** Gives it its room back. */
  restore(): Promise<void>;
  /** The code with which a small write there fails, null while there is room; where the folder is not to be seen from here. */
  tryWrite?(): Promise<string | null>;
}

/** A part that takes commands. */
export interface ControlHandle {
  /** Sends a command to the part's own `control`. */
  control(command: string, data?: unknown): Promise<unknown>;
}

/** The driver as faults see it. */
export interface DriverHandle extends ControlHandle {
  /** As a restart of the Docker daemon: connections close, what it held in memory is gone. */
  restart(): Promise<void>;
}

/** The sink as faults see it: all but `control` acts at the recording hop in front of it. */
export interface SinkHandle extends ControlHandle {
  /** Adds a rule at the recording hop in front of the sink; resolves to a function that takes it back. */
  script(rule: SinkRule): Promise<() => Promise<void>>;
  /** Stops accepting connections (refused) until start(). */
  stop(): Promise<void>;
  /** Accepts connections again. */
  start(): Promise<void>;
  /** Base URL at which the agent reaches the sink, so that a fault can see for itself whether it answers. */
  url?: string;
}

/** A connection between two hops as faults see it. Each resolves to a function that ends the disturbance. */
export interface HopHandle {
  /** Cuts the connections there are; new ones are accepted. */
  reset(): Promise<() => Promise<void>>;
  /** Takes what comes and answers nothing. */
  stall(): Promise<() => Promise<void>>;
  /** Nothing gets through and no connection is accepted. */
  blackhole(): Promise<() => Promise<void>>;
  /** Holds each answer back for so long, ms. */
  delay(delayMs: number): Promise<() => Promise<void>>;
}

/** The world as faults see it. Every method is bounded in time. */
export interface World {
  agent: ProcessHandle;
  /** There in runs with a fault that `needs` it. */
  agentDisk?: DiskHandle;
  driver: DriverHandle;
  sink: SinkHandle;
  /** Relays by type. */
  relays: Record<string, ControlHandle>;
  /** Apps by name. */
  apps: Record<string, ProcessHandle>;
  /** The connection between two hops. Throws E_ENGINE_FAULT where the engine cannot reach it. */
  hop(from: Hop, to: Hop): HopHandle;
  /** Puts evidence into the history; `bit` may return it. */
  mark(kind: string, data?: Record<string, unknown>): EventRef;
  /** Aborted when the run ends early. */
  signal: AbortSignal;
}
