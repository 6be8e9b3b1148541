// One batch as it lies on disk, with a checksum over all of it. Frames follow each other in a segment; a reader that meets
// damage goes on at the next frame that is whole.
//
//   "LAF1" │ head length u32 │ body length u32 │ CRC-32 u32 │ head: JSON │ body: the compressed push request

import { crc32 } from 'node:zlib';
import type { OpenFile } from '../ports.ts';

/** What is kept of a batch beside its bytes. */
export interface FrameHead {
  sequence: number;
  decodedBytes: number;
  entries: number;
  /** When its first entry came in, on the wall clock. */
  sinceWallMs: number;
  /** Labels, app and number of entries of each stream, in the order of the request. */
  parts: [labels: string, app: string, entries: number][];
}

/** A frame that was read back. */
export interface Frame<Head = FrameHead> {
  offset: number;
  length: number;
  head: Head;
  body: Uint8Array;
}

const MAGIC = Buffer.from('LAF1');
const FIXED_BYTES = 16;
/** What no frame reaches: a length beyond it is damage, and nothing is allocated for it. */
const FRAME_BYTES_MAX = 256 * 1_048_576;

/** Makes the bytes of a frame. */
export function encodeFrame(head: object, body: Uint8Array): Buffer {
  const json = Buffer.from(JSON.stringify(head));
  const frame = Buffer.allocUnsafe(FIXED_BYTES + json.length + body.length);
  MAGIC.copy(frame);
  frame.writeUInt32LE(json.length, 4);
  frame.writeUInt32LE(body.length, 8);
  json.copy(frame, FIXED_BYTES);
  frame.set(body, FIXED_BYTES + json.length);
  frame.writeUInt32LE(checksum(frame), 12);
  return frame;
}

/**
 * Reads whole frames of `[from, to)`, about `bytesMax` bytes of them, but one frame at least. `next` is where to go on;
 * `damagedBytes` were passed over.
 */
export async function readFrames<Head = FrameHead>(
  file: OpenFile,
  range: { from: number; to: number },
  bytesMax: number,
): Promise<{ frames: Frame<Head>[]; next: number; damagedBytes: number }> {
  const { from, to } = range;
  const found = parseFrames<Head>(await readBytes(file, from, Math.min(to - from, bytesMax)), from, to);
  if (found.wants === 0) return found;
  // The first frame is longer than what was read.
  return parseFrames<Head>(await readBytes(file, from, found.wants), from, to);
}

async function readBytes(file: OpenFile, from: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, await file.read(bytes, from));
}

function parseFrames<Head>(bytes: Buffer, from: number, to: number) {
  const frames: Frame<Head>[] = [];
  let damagedBytes = 0;
  let at = 0;
  while (at < bytes.length) {
    const length = lengthAt(bytes, at);
    if (length > 0 && at + length > bytes.length && from + at + length <= to) {
      // It may be whole, and is not all here yet.
      if (at === 0) return { frames, next: from, damagedBytes, wants: length };
      break;
    }
    const frame =
      length > 0 && at + length <= bytes.length ? readFrame<Head>(bytes.subarray(at, at + length)) : undefined;
    if (frame !== undefined) {
      frames.push({ ...frame, offset: from + at, length });
      at += length;
      continue;
    }
    const after = nextMagic(bytes, at, from + bytes.length >= to);
    damagedBytes += after - at;
    at = after;
    if (at > bytes.length - FIXED_BYTES && from + bytes.length < to) break;
  }
  // The file may be shorter than it was said to be.
  const next = bytes.length === 0 ? to : from + at;
  return { frames, next, damagedBytes, wants: 0 };
}

/** Length of the frame that seems to begin at `at`; 0 if none does. */
function lengthAt(bytes: Buffer, at: number): number {
  if (at + FIXED_BYTES > bytes.length || bytes.compare(MAGIC, 0, 4, at, at + 4) !== 0) return 0;
  const length = FIXED_BYTES + bytes.readUInt32LE(at + 4) + bytes.readUInt32LE(at + 8);
  return length <= FRAME_BYTES_MAX ? length : 0;
}

function readFrame<Head>(bytes: Buffer): { head: Head; body: Uint8Array } | undefined {
  if (checksum(bytes) !== bytes.readUInt32LE(12)) return undefined;
  const bodyStart = FIXED_BYTES + bytes.readUInt32LE(4);
  const head = JSON.parse(bytes.toString('utf8', FIXED_BYTES, bodyStart)) as Head;
  return { head, body: bytes.subarray(bodyStart) };
}

/** Where the next frame may begin; the end of what is here if none may. */
function nextMagic(bytes: Buffer, at: number, isEnd: boolean): number {
  const found = bytes.indexOf(MAGIC, at + 1);
  if (found >= 0) return found;
  // A magic may begin in the last three bytes.
  return isEnd ? bytes.length : Math.max(at + 1, bytes.length - MAGIC.length + 1);
}

function checksum(frame: Buffer): number {
  return crc32(frame.subarray(FIXED_BYTES), crc32(frame.subarray(4, 12)));
}
