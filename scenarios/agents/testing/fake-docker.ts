// What stands around an agent in these tests: a sink that answers as told, a driver that sends records in message mode
// as Docker does (lines cut at 16 KiB), and the agent as a real process with its stdout read.

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encode } from '@msgpack/msgpack';

const PIECE_BYTES = 16_384;
export const AGENTS = join(import.meta.dirname, '..');

export interface Push {
  path: string;
  body: Buffer;
  status: number;
}

/** Disposing it ends the agent. */
export interface FakeDocker extends AsyncDisposable {
  pushes: Push[];
  /** What the agent has printed so far. */
  printed(): string;
  /** Sends one line of a container; resolves when the socket has taken it. `false`: nobody reads. */
  send(line: Buffer | string, options?: { tag?: string; seconds?: number }): Promise<boolean>;
  /** Routes the agent's stdout back into it, as `self: { driver: fluentd }` does. */
  routeSelf(tag: string): void;
  child: ChildProcess;
  /** SIGTERM; resolves to the exit code, or the signal that was needed after `withinMs`. */
  stop(withinMs?: number): Promise<number | string | null>;
  exited: Promise<number | string | null>;
  waitFor(isTrue: () => boolean, what: string, withinMs?: number): Promise<void>;
}

/** Starts `command` (below scenarios/agents) in front of a sink whose answers `answer` decides. */
export async function startFakeDocker(
  command: string[],
  {
    answer = () => ({ status: 204 }),
  }: { answer?: (push: { body: Buffer; n: number }) => { status: number; body?: string } } = {},
): Promise<FakeDocker> {
  const folder = mkdtempSync(join(tmpdir(), 'larsen-agent-test-'));
  const socketPath = join(folder, 'agent.sock');
  const pushes: Push[] = [];
  const sink = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const body = Buffer.concat(pieces);
      const { status, body: text = '' } = answer({ body, n: pushes.length + 1 });
      pushes.push({ path: request.url ?? '', body, status });
      response.writeHead(status).end(text);
    });
  });
  await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve));
  const { port } = sink.address() as { port: number };
  const env = {
    ...process.env,
    LARSEN_FORWARD_URL: `unix://${socketPath}`,
    LARSEN_SINK_URL: `http://127.0.0.1:${port}`,
  };
  const [script = '', ...args] = command;
  const child = spawn(process.execPath, [join(AGENTS, script), ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const printed: Buffer[] = [];
  child.stdout?.on('data', (bytes: Buffer) => printed.push(bytes));
  const exited = new Promise<number | string | null>((resolve) =>
    child.once('exit', (code, signal) => resolve(code ?? signal)),
  );
  void exited.then(() => {
    sink.closeAllConnections();
    sink.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const sockets = new Map<string, Socket>();
  const socketOf = async (tag: string): Promise<Socket> => {
    const known = sockets.get(tag);
    if (known && !known.destroyed) return known;
    const socket = await connectSoon(socketPath);
    sockets.set(tag, socket);
    return socket;
  };
  let partial = 0;
  const send: FakeDocker['send'] = async (line, { tag = 'video.peertube', seconds = 1_795_357_575 } = {}) => {
    const bytes = Buffer.from(line);
    const socket = await socketOf(tag);
    const records = cut(bytes, `${partial++}`).map((fields) => ({
      container_id: '0'.repeat(64),
      container_name: `/${tag.split('.')[1] ?? tag}`,
      source: 'stdout',
      ...fields,
    }));
    let taken = true;
    for (const record of records) taken = socket.write(encode([tag, seconds, record, {}]));
    return taken || socket.destroyed || untilDrained(socket);
  };
  const stop: FakeDocker['stop'] = async (withinMs = 10_000) => {
    for (const socket of sockets.values()) socket.end();
    const timer = setTimeout(() => child.kill('SIGKILL'), withinMs);
    child.kill('SIGTERM');
    const code = await exited;
    clearTimeout(timer);
    return code;
  };
  return {
    pushes,
    printed: () => Buffer.concat(printed).toString('latin1'),
    send,
    child,
    exited,
    stop,
    [Symbol.asyncDispose]: async () => void (await stop(500)),
    routeSelf: (tag) => routeLines(child, (line) => void send(line, { tag }).catch(() => undefined)),
    waitFor: async (isTrue, what, withinMs = 20_000) => {
      for (const startedMs = Date.now(); !isTrue(); await new Promise((resolve) => setTimeout(resolve, 20))) {
        if (Date.now() - startedMs > withinMs) throw new Error(`waited ${withinMs} ms in vain for ${what}`);
      }
    },
  };
}

/** Fields of the records that Docker 20.10 makes of one line. */
function cut(line: Buffer, id: string): Record<string, unknown>[] {
  if (line.length < PIECE_BYTES) return [{ log: text(line) }];
  const records: Record<string, unknown>[] = [];
  for (let at = 0; at <= line.length; at += PIECE_BYTES) {
    const last = at + PIECE_BYTES > line.length;
    const ordinal = String(records.length + 1);
    records.push({
      log: text(line.subarray(at, at + PIECE_BYTES)),
      partial_message: 'true',
      partial_id: id,
      partial_ordinal: ordinal,
      partial_last: String(last),
    });
  }
  return records;
}

/** Valid UTF-8 goes as text, as Docker sends all; the reader under test takes both alike. */
function text(bytes: Buffer): string | Uint8Array {
  const decoded = bytes.toString();
  return Buffer.byteLength(decoded) === bytes.length ? decoded : bytes;
}

function routeLines(child: ChildProcess, onLine: (line: Buffer) => void): void {
  let rest: Buffer[] = [];
  child.stdout?.on('data', (bytes: Buffer) => {
    let from = 0;
    for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, from)) {
      onLine(Buffer.concat([...rest, bytes.subarray(from, at)]));
      rest = [];
      from = at + 1;
    }
    rest.push(bytes.subarray(from));
  });
}

async function connectSoon(path: string): Promise<Socket> {
  for (let attempt = 0; ; attempt++) {
    const socket = connect(path);
    const connected = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
    socket.on('error', () => socket.destroy());
    if (connected) return socket;
    if (attempt === 200) throw new Error(`nobody listens at ${path}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Whether what is queued for the socket was taken within 2 s. */
function untilDrained(socket: Socket): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), 2_000);
    socket.once('drain', () => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}
