// The modes of the Forward protocol besides Message: Forward, PackedForward and CompressedPackedForward, and everything
// that is none of them. Works on complete values only; the caller found their end with a `ValueSkipper`.

import { gunzipSync } from 'node:zlib';
import type { RecordSink } from '../model.ts';
import type { ForwardScanner } from './forward-scanner.ts';
import { isTextHeader, readLength } from './msgpack.ts';

/** What one value turned out to be; `chunk` of the scanner tells whether an ack is wanted. */
export interface ModeResult {
  /** Values that are no array: heartbeats and other things to ignore. */
  ignored: boolean;
  /** Entries that were no `[time, map]`, or 1 for a message that was none. */
  malformed: number;
  /** True when a compressed payload could not be unpacked within its limit: the connection is not to be trusted. */
  broken: boolean;
  /** True when it is compressed in a way that is not read here: to ack it would lose what is in it. */
  unsupported: boolean;
}

/** Hands every record of the complete value in `[start, end)` to `sink`. */
export function takeValue(
  scanner: ForwardScanner,
  start: number,
  end: number,
  options: { sink: RecordSink; decompressedMax: number },
): ModeResult {
  const result: ModeResult = { ignored: false, malformed: 0, broken: false, unsupported: false };
  const { bytes, view } = scanner;
  scanner.chunkStart = -1;
  const array = openArray(bytes, view, start);
  if (array === undefined) {
    result.ignored = true;
    return result;
  }
  if (array.count >= 2) {
    const second = scanner.readText(array.position, end);
    if (second > 0) {
      scanner.tagStart = scanner.textStart;
      scanner.tagEnd = second;
      const first = bytes[second] as number;
      const third = scanner.skip(second, end);
      if (array.count > 2) scanner.scanOptions(third, end);
      if (isTextHeader(first)) return takePacked(scanner, second, end, { ...options, result });
      if (openArray(bytes, view, second) !== undefined) {
        takeForward(scanner, second, third, { ...options, result });
        return result;
      }
      if (array.count > 3) scanner.scanOptions(scanner.skip(third, end), end);
    }
  }
  result.malformed = 1;
  return result;
}

interface Work {
  sink: RecordSink;
  decompressedMax: number;
  result: ModeResult;
}

function takeForward(scanner: ForwardScanner, start: number, end: number, work: Work): void {
  const array = openArray(scanner.bytes, scanner.view, start);
  if (array !== undefined) takeEntries(scanner, array.position, end, work);
}

function takePacked(scanner: ForwardScanner, start: number, end: number, work: Work): ModeResult {
  const payloadEnd = scanner.readText(start, end);
  const payloadStart = scanner.textStart;
  const { bytes, tagStart, tagEnd } = scanner;
  const method =
    scanner.compressedStart < 0
      ? ''
      : Buffer.from(bytes.subarray(scanner.compressedStart, scanner.compressedEnd)).toString('latin1');
  if (!isGzip(bytes, payloadStart, payloadEnd)) {
    // Senders disagree with themselves about `compressed`; what the bytes are is what counts (as in Fluent Bit).
    if (method === 'zstd' || isZstd(bytes, payloadStart, payloadEnd)) work.result.unsupported = true;
    else takeEntries(scanner, payloadStart, payloadEnd, work);
    return work.result;
  }
  const plain = gunzip(bytes.subarray(payloadStart, payloadEnd), work.decompressedMax);
  if (plain === undefined) {
    work.result.broken = true;
    return work.result;
  }
  // The entries lie in other memory than the tag: put the tag in front of them, so that one buffer holds both.
  const tag = bytes.subarray(tagStart, tagEnd);
  const joined = new Uint8Array(tag.length + plain.length);
  joined.set(tag);
  joined.set(plain, tag.length);
  scanner.bind(joined);
  scanner.tagStart = 0;
  scanner.tagEnd = tag.length;
  takeEntries(scanner, tag.length, joined.length, work);
  scanner.bind(bytes);
  return work.result;
}

/** Walks over concatenated entries `[time, record]`; a bad one is counted, the rest is kept. */
function takeEntries(scanner: ForwardScanner, start: number, end: number, work: Work): void {
  let position = start;
  while (position < end) {
    const after = scanner.skip(position, end);
    if (after <= 0) {
      work.result.malformed++;
      return;
    }
    if (scanEntry(scanner, position, after)) work.sink.take(scanner);
    else work.result.malformed++;
    position = after;
  }
}

function scanEntry(scanner: ForwardScanner, start: number, end: number): boolean {
  const entry = openArray(scanner.bytes, scanner.view, start);
  if (entry === undefined || entry.count < 2) return false;
  const time = openArray(scanner.bytes, scanner.view, entry.position);
  if (time === undefined) return scanner.scanTimeAndRecord(entry.position, end) > 0;
  // Fluent Bit's form with metadata: [[time, {metadata}], record].
  const record = scanner.skip(entry.position, end);
  return time.count > 0 && scanner.scanTimeBefore(time.position, record, end) > 0;
}

/** Opens the array at `position`, `undefined` if there is none. */
function openArray(
  bytes: Uint8Array,
  view: DataView,
  position: number,
): { count: number; position: number } | undefined {
  const first = bytes[position] as number;
  if ((first & 0xf0) === 0x90) return { count: first & 15, position: position + 1 };
  if (first === 0xdc) return { count: readLength(view, position + 1, 2), position: position + 3 };
  if (first === 0xdd) return { count: readLength(view, position + 1, 4), position: position + 5 };
  return undefined;
}

function isGzip(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start >= 2 && bytes[start] === 0x1f && bytes[start + 1] === 0x8b;
}

function isZstd(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start >= 4 && [0x28, 0xb5, 0x2f, 0xfd].every((byte, i) => bytes[start + i] === byte);
}

/** Unpacks all gzip members; `undefined` if they are damaged or hold more than `sizeMax` bytes. */
function gunzip(bytes: Uint8Array, sizeMax: number): Uint8Array | undefined {
  try {
    return gunzipSync(bytes, { maxOutputLength: sizeMax });
  } catch {
    return undefined;
  }
}
