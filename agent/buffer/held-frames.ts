// What stands in the log of held lines, as frames of disk-frame.ts: the head tells the pieces and the tickets that are done,
// the body is the bytes of the pieces, one behind the other.

import type { Files } from '../ports.ts';
import { encodeFrame, readFrames } from './disk-frame.ts';
import type { HeldPiece } from './held-lines.ts';

/** A line that was held back when an earlier process ended. */
export interface HeldRemains {
  labels: string;
  app: string;
  seconds: number;
  nanos: number;
  bytes: Uint8Array;
  metadata: Uint8Array | undefined;
}

interface About extends Omit<HeldRemains, 'bytes' | 'metadata'> {
  /** In base64, empty if there is none. */
  metadata: string;
}

interface Head {
  done: readonly number[];
  pieces: { ticket: number; from: number; length: number; about: About }[];
}

const READ_BYTES = 1_048_576;

/** Makes the frame that says that these pieces came and these tickets are done. */
export function encodePieces(pieces: readonly HeldPiece[], done: readonly number[]): Buffer {
  const head: Head = {
    done,
    pieces: pieces.map(({ ticket, from, to, line: { target, seconds, nanos, metadata = [] } }) => ({
      ...{ ticket, from, length: to - from },
      about: {
        ...{ labels: target.labels, app: target.counters.app, seconds, nanos },
        metadata: Buffer.from(metadata).toString('base64'),
      },
    })),
  };
  return encodeFrame(head, Buffer.concat(pieces.map(({ line, from, to }) => line.bytes.subarray(from, to))));
}

/** Adds what a file of the log says to `remains`, by ticket. A damaged frame costs what is in it. */
export async function readRemains(
  files: Files,
  path: string,
  remains: Map<number, HeldRemains>,
  onTicket: (ticket: number) => void,
): Promise<void> {
  const file = await files.open(path, 'read');
  try {
    const { size } = await file.stat();
    for (let at = 0; at < size; ) {
      const { frames, next } = await readFrames<Head>(file, { from: at, to: size }, READ_BYTES);
      for (const { head, body } of frames) {
        let start = 0;
        for (const { ticket, from, length, about } of head.pieces) {
          onTicket(ticket);
          const known = from === 0 ? undefined : remains.get(ticket)?.bytes.subarray(0, from);
          const bytes = Buffer.concat([known ?? Buffer.alloc(0), body.subarray(start, start + length)]);
          const metadata = about.metadata === '' ? undefined : Buffer.from(about.metadata, 'base64');
          remains.set(ticket, { ...about, bytes, metadata });
          start += length;
        }
        for (const ticket of head.done) remains.delete(ticket);
      }
      at = Math.max(next, at + 1);
    }
  } finally {
    await file.close();
  }
}
