// A connection to the agent as a log driver or a forwarder has one: writes bytes, hears what comes back, and tells how
// many bytes the kernel took before the agent stopped reading.

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { decodeMulti } from '@msgpack/msgpack';
import { sleep } from '../../core/real-clock.ts';

/** One connection. */
export interface Sender extends Disposable {
  /** Writes without waiting. */
  write(bytes: Buffer): void;
  /** Values that came back, in order. */
  answers(): unknown[];
  /** The agent, or the kernel, ended it. */
  isClosed(): boolean;
  /** Writes pieces until `enough` or until nothing moves for `stuckMs`; tells how many bytes the socket took. */
  flood(pieces: Iterable<Buffer>, stuckMs: number): Promise<{ acceptedBytes: number; isStuck: boolean }>;
}

/** Connects to a `unix://` or `tcp://` address. Rejects when nobody listens. */
export async function openSender(url: string): Promise<Sender> {
  const { protocol, pathname, hostname, port } = new URL(url);
  const socket = connect(
    protocol === 'unix:' ? { path: decodeURIComponent(pathname) } : { host: hostname, port: Number(port) },
  );
  let isClosed = false;
  const received: Buffer[] = [];
  socket.on('data', (bytes) => received.push(bytes));
  socket.on('close', () => {
    isClosed = true;
  });
  await once(socket, 'connect');
  socket.on('error', () => undefined);
  return {
    write: (bytes) => void socket.write(bytes),
    answers: () => [...decodeAnswers(Buffer.concat(received))],
    isClosed: () => isClosed,
    flood: (pieces, stuckMs) => flood(socket, { pieces, stuckMs, isClosed: () => isClosed }),
    [Symbol.dispose]: () => void socket.destroy(),
  };
}

function* decodeAnswers(bytes: Buffer): Generator<unknown> {
  try {
    yield* decodeMulti(bytes);
  } catch {
    // The rest has not come yet, or is no msgpack: what came whole was given.
  }
}

async function flood(
  socket: Socket,
  { pieces, stuckMs, isClosed }: { pieces: Iterable<Buffer>; stuckMs: number; isClosed: () => boolean },
): Promise<{ acceptedBytes: number; isStuck: boolean }> {
  const accepted = (): number => socket.bytesWritten - socket.writableLength;
  for (const piece of pieces) {
    if (isClosed()) return { acceptedBytes: accepted(), isStuck: true };
    if (socket.write(piece)) continue;
    let last = accepted();
    for (let idleMs = 0; socket.writableLength > 0; idleMs += 20) {
      await sleep(20);
      if (accepted() !== last || isClosed()) idleMs = 0;
      last = accepted();
      if (idleMs >= stuckMs || isClosed()) return { acceptedBytes: last, isStuck: true };
    }
  }
  return { acceptedBytes: accepted(), isStuck: false };
}
