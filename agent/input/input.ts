// What every input is given and what it gives back. An input is one file with a start function, and a line in registry.ts.

import type { Keeper, LineSink, RecordSink } from '../model.ts';
import type { Counters } from '../observe/counters.ts';
import type { OwnLog } from '../observe/own-log.ts';
import type { Ports } from '../ports.ts';

/** Where reads land: the arena and its borders. One read is worked through before the next one comes, so all inputs share it. */
export interface ReadMemory {
  bytes: Uint8Array;
  readStart: number;
  readBytes: number;
}

/** What an input works with. */
export interface InputParts {
  ports: Ports;
  memory: ReadMemory;
  /** Takes Forward records. */
  records: RecordSink;
  /** Takes lines of everything else. */
  lines: LineSink;
  /** Says when acks may be sent and checkpoints written. */
  keeper: Keeper;
  counters: Counters;
  log: OwnLog;
  /** How this host is called. */
  instance: string;
}

/** An input that runs. */
export interface Input {
  /** Where it listens, or what it reads. */
  readonly url: string;
  /** Open connections, or files being read. */
  readonly connections: number;
  /** What is sent to it while it is paused is gone: it is paused only when there is no choice. */
  readonly dropsWhilePaused?: boolean;
  /** Stops or resumes reading: the policy `block`, and the pauses of a reload. */
  setPaused(paused: boolean): void;
  /** Takes nothing new; what is open lives on. */
  stopAccepting(): Promise<void>;
  /** Closes everything at once. */
  close(): void;
  /** Called last, when what could be delivered is: writes what is to be remembered. */
  drained?(): Promise<void>;
}

/** Starts an input; rejects with an `AgentError` such as `E_LISTEN` when it cannot. */
export type StartInput<Settings> = (settings: Settings, parts: InputParts) => Promise<Input>;
