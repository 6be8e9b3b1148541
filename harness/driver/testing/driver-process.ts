// The driver process from dist/, started as the engine starts it, with FIFOs, an app that writes with blocking
// writes, and a unix server that reads, stalls, dies and returns when told to.

import { type ChildProcess, execFileSync, fork, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { sleep } from '../../core/real-clock.ts';
import type { EmittedEvent } from '../../model/event.ts';
import { createLineRecord, decodeLineRecord, LINE_RECORD_BYTES, type LineRecord } from '../../model/line-record.ts';
import type { DriverPartConfig, LoggerConfig } from '../part.ts';
import { driverSpec } from './test-logger.ts';

const PROGRAM = new URL('../../../dist/harness/driver/main.js', import.meta.url).pathname;

/** A running driver process. */
export interface DriverProcess {
  pid: number;
  events: EmittedEvent[];
  call<Result>(command: string, data?: unknown): Promise<Result>;
  stop(): Promise<void>;
}

/** Starts the driver process for app `web` of run `abcdef`. */
export async function startDriverProcess(
  config: Pick<DriverPartConfig, 'forwardUrl' | 'logsDir'>,
): Promise<DriverProcess> {
  const child = fork(PROGRAM, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const events: EmittedEvent[] = [];
  const open = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  let calls = 0;
  type FromPart = { type: string; id: number; event: EmittedEvent; result: unknown; error?: string };
  const ready = new Promise<void>((resolve) => {
    child.on('message', ({ type, id, event, result, error }: FromPart) => {
      if (type === 'hello')
        child.send({ type: 'config', config: { run: 'abcdef', apps: ['web'], seed: 1, ...config } });
      if (type === 'ready') resolve();
      if (type === 'event') events.push(event);
      if (type === 'result')
        error === undefined ? open.get(id)!.resolve(result) : open.get(id)!.reject(new Error(error));
    });
  });
  await ready;
  return {
    pid: child.pid!,
    events,
    call: <Result>(command: string, data: unknown = null) =>
      new Promise<Result>((resolve, reject) => {
        open.set(++calls, { resolve: resolve as (value: unknown) => void, reject });
        child.send({ type: 'call', id: calls, command, data });
      }),
    stop: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve());
        child.disconnect();
      }),
  };
}

/** A logger's config with FIFOs made for it below `folder`. */
export function prepareLogger(folder: string, over: Partial<LoggerConfig> = {}): LoggerConfig {
  const app = over.app ?? 'web';
  const [stdout, stderr] = ['out', 'err'].map((name) => join(folder, `${app}.${name}`)) as [string, string];
  execFileSync('mkfifo', [stdout, stderr]);
  return {
    ...{ app, stdout, stderr, driver: driverSpec(), tag: 'web', containerId: '0'.repeat(64), containerName: 'app' },
    ...{ linesFile: join(folder, `${app}.bin`), recordReads: false },
    ...over,
  };
}

/** An app writing to its FIFOs. */
export interface TestApp {
  child: ChildProcess;
  /** Lines whose write(2) has returned. */
  written(): number;
  /** Resolves when no line was written for `quietMs`, or the app has ended. */
  settled(quietMs: number): Promise<void>;
  /** Kills it where it stands; its pipes are closed then. */
  kill(): Promise<void>;
}

/** Writes its count of finished writes into the first 4 bytes of a file, so that it can be read while it is blocked. */
const WRITER = `
const fs = require('node:fs');
const [count, length, counter] = [Number(process.argv[1]), Number(process.argv[2]), fs.openSync(process.argv[3], 'w')];
const done = Buffer.alloc(4);
for (let seq = 0; seq < count; seq++) {
  fs.writeSync(1, ('lrs1-abcdef-web-' + seq + '-' + length + '-00000000').padEnd(length, 'x') + '\\n');
  done.writeUInt32LE(seq + 1);
  fs.writeSync(counter, done, 0, 4, 0);
}`;

/** Starts an app that writes `count` lines of `length` bytes (without newline) as fast as it may. */
export function startTestApp(
  { stdout, stderr }: LoggerConfig,
  { count, length }: { count: number; length: number },
): TestApp {
  const counter = `${stdout}.count`;
  const fds = [openSync(stdout, 'w'), openSync(stderr, 'w')] as const;
  const child = spawn(process.execPath, ['-e', WRITER, String(count), String(length), counter], {
    stdio: ['ignore', fds[0], fds[1]],
  });
  for (const fd of fds) closeSync(fd);
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const written = (): number => {
    const bytes = readFileSync(counter, { flag: 'a+' });
    return bytes.length < 4 ? 0 : bytes.readUInt32LE(0);
  };
  const settled = async (quietMs: number): Promise<void> => {
    for (let before = -1; before !== written() || before === 0; ) {
      before = written();
      await sleep(quietMs);
    }
  };
  return {
    child,
    written,
    settled: (quietMs) => Promise.race([settled(quietMs), ended]),
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** A unix server under the test's control. */
export interface TestServer {
  /** Bytes read, connection by connection. */
  received(): Buffer;
  /** Reads what waits and from now on. */
  thaw(): void;
  /** Sends bytes to every driver that is connected. */
  send(bytes: Buffer): void;
  /** The port, where it listens on one. */
  readonly port: number;
  /** Ends all connections and stops listening. */
  die(): Promise<void>;
}

/** Listens at a path or port; `reading` false: accepts and never reads before `thaw`. */
export async function startTestServer(at: string | number, reading: boolean): Promise<TestServer> {
  const chunks: Buffer[] = [];
  const sockets = new Set<Socket>();
  const server: Server = createServer({ pauseOnConnect: !reading }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => chunks.push(bytes));
    if (!reading) socket.pause();
  });
  await new Promise<void>((resolve) =>
    server.listen(typeof at === 'number' ? { port: at, host: '127.0.0.1' } : { path: at }, resolve),
  );
  return {
    received: () => Buffer.concat(chunks),
    send(bytes) {
      for (const socket of sockets) socket.write(bytes);
    },
    get port() {
      return (server.address() as AddressInfo).port;
    },
    thaw() {
      for (const socket of sockets) socket.resume();
    },
    async die() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      if (typeof at === 'string') rmSync(at, { force: true });
    },
  };
}

/** The records of a lines file. */
export function readLineRecords(path: string): LineRecord[] {
  const bytes = readFileSync(path);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: bytes.length / LINE_RECORD_BYTES }, (_, index) => {
    const record = createLineRecord();
    decodeLineRecord(view, index * LINE_RECORD_BYTES, record);
    return record;
  });
}

/** Waits until `isTrue`, at most `withinMs`. Throws when it did not become true. */
export async function until(isTrue: () => boolean | Promise<boolean>, withinMs = 10_000): Promise<void> {
  for (let leftMs = withinMs; !(await isTrue()); leftMs -= 20) {
    if (leftMs <= 0) throw new Error(`not true within ${withinMs} ms: ${isTrue}`);
    await sleep(20);
  }
}
