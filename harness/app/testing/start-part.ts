// Starts a program that speaks core/part.ts from dist/, with a real FIFO as stdout, and talks to it: what process
// tests of apps and of the load share.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { EmittedEvent } from '../../model/event.ts';
import { createLineRecord, decodeLineRecord, LINE_RECORD_BYTES, type LineRecord } from '../../model/line-record.ts';

/** A part under test. */
export interface StartedPart extends AsyncDisposable {
  child: ChildProcess;
  /** What it said with `ready`. */
  info: Record<string, unknown>;
  events: EmittedEvent[];
  call(command: string, data?: unknown): Promise<Record<string, unknown>>;
  exited: Promise<{ code: number | null; signal: string | null }>;
}

type FromPart = { type: string; id?: number; result?: unknown; error?: string; event?: EmittedEvent; info?: unknown };

/** Starts `dist/harness/<program>` and resolves when it is ready. `stdout`: descriptor of the write end of a FIFO. */
export async function startPart(
  program: string,
  config: unknown,
  { stdout }: { stdout?: number } = {},
): Promise<StartedPart> {
  const path = fileURLToPath(new URL(`../../../dist/harness/${program}`, import.meta.url));
  const child = spawn(process.execPath, [path], { stdio: ['ignore', stdout ?? 'ignore', 'inherit', 'ipc'] });
  const calls = new Map<number, (message: FromPart) => void>();
  const events: EmittedEvent[] = [];
  let lastCall = 0;
  const exited = new Promise<{ code: number | null; signal: string | null }>((resolve) =>
    child.once('exit', (code, signal) => resolve({ code, signal })),
  );
  const info = await new Promise<Record<string, unknown>>((resolve, reject) => {
    void exited.then(() => reject(new Error(`${program} ended before it was ready`)));
    child.on('message', (message: FromPart) => {
      if (message.type === 'hello') child.send({ type: 'config', config });
      if (message.type === 'ready') resolve((message.info ?? {}) as Record<string, unknown>);
      if (message.type === 'event' && message.event) events.push(message.event);
      if (message.type === 'result') calls.get(message.id!)?.(message);
    });
  });
  return {
    child,
    info,
    events,
    exited,
    call: (command, data) =>
      new Promise((resolve, reject) => {
        const id = ++lastCall;
        calls.set(id, ({ error, result }) =>
          error === undefined ? resolve((result ?? {}) as Record<string, unknown>) : reject(new Error(error)),
        );
        child.send({ type: 'call', id, command, data });
      }),
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** A FIFO whose write end is to be an app's stdout. */
export interface Fifo extends Disposable {
  writeEnd: number;
  /** Starts reading; every chunk goes to `onData`. */
  read(onData: (chunk: Buffer) => void): void;
}

/** Makes a FIFO in `folder` and opens both ends; nothing is read before `read`. */
export function makeFifo(folder: string, name: string): Fifo {
  const path = join(folder, name);
  execFileSync('mkfifo', [path]);
  const readEnd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writeEnd = openSync(path, 'w');
  let reader: Socket | undefined;
  return {
    writeEnd,
    read: (onData) => {
      reader = new Socket({ fd: readEnd, readable: true, writable: false });
      reader.on('data', onData).on('error', () => undefined);
    },
    [Symbol.dispose]: () => {
      closeSync(writeEnd);
      if (reader) reader.destroy();
      else closeSync(readEnd);
    },
  };
}

/** A folder that is removed with what is in it. */
export function makeFolder(): Disposable & { path: string } {
  const path = mkdtempSync(join(tmpdir(), 'larsen-test-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** Every record of a lines file. */
export function decodeRecords(bytes: Buffer): LineRecord[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: Math.floor(bytes.length / LINE_RECORD_BYTES) }, (_, index) => {
    const record = createLineRecord();
    decodeLineRecord(view, index * LINE_RECORD_BYTES, record);
    return record;
  });
}
