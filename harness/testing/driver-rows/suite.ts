// What the rows of the driver's conformance suite are given: a driver to run programs behind, a server in the agent's
// place, and the two kinds of rows.

import type { ServedMessage, ServerUnderTest } from '../forward-server.ts';

/** One program behind the driver. */
export interface DriverRun {
  /** Docker's error when the container could not start, null: it runs. */
  error: string | null;
  /** Name of the container, without slash, and its id. */
  name: string;
  id: string;
  /** The program has ended and the driver has delivered all it held; false: not within the time. */
  ended(withinMs: number): Promise<boolean>;
  /** Asks the container to stop, as `docker stop -t 1`; false: not within the time. */
  stop(withinMs: number): Promise<boolean>;
}

/** How to run one. */
export interface DriverRunOptions {
  /** Text of a Node script; it may use `require`. */
  script: string;
  /** Log-opts without `fluentd-address`. */
  options: Record<string, string>;
  labels?: Record<string, string>;
  env?: Record<string, string>;
}

/** The driver to be tried. */
export interface DriverUnderTest {
  name: string;
  /** Starts what is needed to run programs; `folder` holds the socket `agent.sock` and is seen by the programs. */
  open(folder: string): Promise<{ run(options: DriverRunOptions): Promise<DriverRun> } & AsyncDisposable>;
}

/** Name of the socket in the test's folder. */
export const SOCKET = 'agent.sock';

/** What a row is made with. */
export interface DriverSuite {
  /** Folder of the test that runs. */
  folder(): string;
  listen(frozen?: boolean): Promise<ServerUnderTest>;
  run(script: string, options?: Record<string, string>, over?: Partial<DriverRunOptions>): Promise<DriverRun>;
  /** Runs a program to its end and gives what arrived. */
  messages(...args: Parameters<DriverSuite['run']>): Promise<ServedMessage[]>;
  row(title: string, expected: string, measure: () => Promise<string>): void;
  /** A number that depends on the kernel's accounting and the moment: within so many percent. */
  near(title: string, of: { expected: number; percent: number }, measure: () => Promise<number>): void;
}
