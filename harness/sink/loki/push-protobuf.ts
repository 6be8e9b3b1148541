// Decodes logproto.PushRequest by hand, because a generated decoder would turn each line into a string and so lose
// bytes that are not UTF-8. Unknown fields are skipped as protobuf demands; texts of errors are gogo's.
//
//   PushRequest{1: Stream*}  Stream{1: labels, 2: Entry*}  Entry{1: Timestamp{1: s, 2: ns}, 2: line, 3: Pair*}

import { type Metadata, NO_METADATA, type PushedEntry, type PushedStream } from './push-request.ts';
import { Refusal } from './refusal.ts';

interface Cursor {
  bytes: Buffer;
  at: number;
  /** Start and end of the bytes field read last. */
  from: number;
  to: number;
}

/** The streams of an uncompressed PushRequest. Throws a Refusal (400) when it is none. */
export function decodePushProtobuf(bytes: Buffer): PushedStream[] {
  const cursor: Cursor = { bytes, at: 0, from: 0, to: 0 };
  const streams: PushedStream[] = [];
  while (cursor.at < bytes.length) {
    if (nextField(cursor, bytes.length) === 1) streams.push(decodeStream(cursor, cursor.from, cursor.to));
  }
  return streams;
}

function decodeStream(cursor: Cursor, from: number, end: number): PushedStream {
  const stream: PushedStream = { labels: '', entries: [] };
  for (cursor.at = from; cursor.at < end; ) {
    const field = nextField(cursor, end);
    if (field === 1) stream.labels = cursor.bytes.toString('utf8', cursor.from, cursor.to);
    if (field === 2) stream.entries.push(decodeEntry(cursor, cursor.from, cursor.to));
  }
  return stream;
}

const EMPTY = Buffer.alloc(0);

function decodeEntry(cursor: Cursor, from: number, end: number): PushedEntry {
  const entry: PushedEntry = { tsNs: 0n, line: EMPTY, metadata: NO_METADATA };
  let metadata: [string, string][] | null = null;
  for (cursor.at = from; cursor.at < end; ) {
    const field = nextField(cursor, end);
    if (field === 1) entry.tsNs = decodeTimestamp(cursor, cursor.from, cursor.to);
    if (field === 2) entry.line = cursor.bytes.subarray(cursor.from, cursor.to);
    if (field === 3) {
      metadata ??= [];
      metadata.push(decodePair(cursor, cursor.from, cursor.to));
    }
  }
  if (metadata) entry.metadata = metadata as Metadata;
  return entry;
}

function decodePair(cursor: Cursor, from: number, end: number): [string, string] {
  const pair: [string, string] = ['', ''];
  for (cursor.at = from; cursor.at < end; ) {
    const field = nextField(cursor, end);
    if (field === 1 || field === 2) pair[field - 1] = cursor.bytes.toString('utf8', cursor.from, cursor.to);
  }
  return pair;
}

/** Whole seconds of the timestamp decoded last: most entries of a batch share them, and BigInt products cost. */
const lastSecond = { seconds: 0, ns: 0n };

function decodeTimestamp(cursor: Cursor, from: number, end: number): bigint {
  let seconds = 0;
  let nanos = 0;
  for (cursor.at = from; cursor.at < end; ) {
    const tag = readVarint(cursor, end);
    if (tag === 0x08) seconds = readVarint(cursor, end);
    else if (tag === 0x10) nanos = readVarint(cursor, end);
    else skipField(cursor, tag, end);
  }
  cursor.at = end;
  if (seconds !== lastSecond.seconds) {
    lastSecond.seconds = seconds;
    lastSecond.ns = BigInt.asIntN(64, BigInt(seconds)) * 1_000_000_000n;
  }
  return BigInt.asIntN(64, lastSecond.ns + (nanos < 2 ** 31 ? BigInt(nanos) : BigInt.asIntN(32, BigInt(nanos))));
}

/** Reads one field; its number if it holds bytes (their range in `from`, `to`, and `at` behind them), else 0. */
function nextField(cursor: Cursor, end: number): number {
  const tag = readVarint(cursor, end);
  if (tag % 8 !== 2) {
    skipField(cursor, tag, end);
    return 0;
  }
  const length = readVarint(cursor, end);
  if (cursor.at + length > end) throw new Refusal(400, 'unexpected EOF');
  cursor.from = cursor.at;
  cursor.to = cursor.at + length;
  cursor.at = cursor.to;
  return Math.floor(tag / 8);
}

function skipField(cursor: Cursor, tag: number, end: number): void {
  const wireType = tag % 8;
  if (wireType === 0) readVarint(cursor, end);
  else if (wireType === 1) cursor.at += 8;
  else if (wireType === 2) cursor.at += readVarint(cursor, end);
  else if (wireType === 5) cursor.at += 4;
  else throw new Refusal(400, `proto: illegal wireType ${wireType}`);
  if (cursor.at > end) throw new Refusal(400, 'unexpected EOF');
}

/** An unsigned varint as a double: exact up to 2^53, which covers every length and every second of our era. */
function readVarint(cursor: Cursor, end: number): number {
  let value = 0;
  let scale = 1;
  for (let count = 0; count < 10; count++) {
    if (cursor.at >= end) throw new Refusal(400, 'unexpected EOF');
    const byte = cursor.bytes[cursor.at++]!;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return value;
    scale *= 128;
  }
  throw new Refusal(400, 'proto: integer overflow');
}
