// What the engine says to the driver process and hears back: the types of its config, its calls and their answers.
//
//   start-logger LoggerConfig → LoggerStarted      stop-logger StopLogger → LoggerStopped
//   state → DriverLoggerState[]                    restart → LoggerRestarted[]      stop → null

import type { DriverSpec } from '../model/scenario.ts';

/** The name under which the agent's own output is logged. */
export const AGENT_LOGGER = '@agent';

/** The first message to the driver process. */
export interface DriverPartConfig {
  /** `<run>` of the line ids. */
  run: string;
  /** Apps whose ids are looked for. */
  apps: string[];
  /** `unix:///…/agent.sock` or `tcp://host:port`. */
  forwardUrl: string;
  /** Where `json-file` and `local` write. */
  logsDir: string;
  seed: number;
}

/** `start-logger`: a container starts. */
export interface LoggerConfig {
  /** Name of the app, or AGENT_LOGGER. */
  app: string;
  /** Paths of FIFOs whose write ends are not open yet. */
  stdout: string;
  stderr: string;
  driver: DriverSpec;
  /** The tag where the log-opts have none. */
  tag: string;
  /** 64 hex digits. */
  containerId: string;
  /** Without a leading slash. */
  containerName: string;
  labels?: Record<string, string>;
  env?: Record<string, string>;
  /** `lines/<app>.bin`, or null: nothing is recorded line by line. */
  linesFile: string | null;
  /** Whether `driverRead` records are written: for apps that do not report their own writes. */
  recordReads: boolean;
}

/** Answer to `start-logger`; `error` is Docker's own text, with which the container would not start. */
export type LoggerStarted = { ok: true } | { ok: false; error: string };

/** `stop-logger`: the container has exited and the write ends of its FIFOs are closed. */
export interface StopLogger {
  app: string;
  /** How long to wait for what is still inside, ms. */
  withinMs: number;
}

/** Answer to `stop-logger`. */
export interface LoggerStopped {
  /** Lines that were still inside; those with an id have a `held` record each. */
  heldLines: number;
  /** true: Docker would still be waiting (`docker stop` hangs). */
  timedOut: boolean;
}

/** What a restart of the daemon did to one container. */
export interface LoggerRestarted {
  app: string;
  /** Bytes between the app's pipe and the driver that are gone; what the driver itself held is dropped beside. */
  forgottenBytes: number;
  /** Docker's error where the driver could not start again: the container runs on and nobody reads its output. */
  error: string | null;
}
