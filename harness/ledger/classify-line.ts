// Compares an unwrapped entry with the line that was written: is it that line, and whole? What merely holds the id
// somewhere is a quotation. Pure; the rules are those of docs/judging.md, "Identity".

import { crc32 } from 'node:zlib';
import type { OnLineId } from '../model/line-id.ts';
import type { STORED_FORMS } from '../model/line-record.ts';
import { showText } from '../model/shown-text.ts';
import type { WrittenLine } from './written-lookup.ts';

/** An id found in bytes. */
export type FoundId = Parameters<OnLineId>[0];

/** How a stored entry compares with its line. */
export type StoredForm = (typeof STORED_FORMS)[number];

/** The form of the line in `unwrapped`, which holds `id` and no other; null: it is no line but quotes one. */
export function classifyLine(unwrapped: Buffer, id: FoundId, written: WrittenLine | undefined): StoredForm | null {
  if (written?.hasCrc) return compareWithWritten(unwrapped, id, written);
  if (id.crc !== 0) return compareWithId(unwrapped, id);
  // Made before the line, and nobody recorded its bytes: only a text that is too long cannot be it.
  if (written && written.bytes > 0 && unwrapped.length > written.bytes + replacedBytes(unwrapped, unwrapped.length))
    return null;
  return 'unverified';
}

function compareWithWritten(unwrapped: Buffer, id: FoundId, written: WrittenLine): StoredForm | null {
  const { bytes, crc, idOffset, shown } = written;
  if (unwrapped.length === bytes && crc32(unwrapped) === crc) return 'exact';
  // Bytes that are no UTF-8 cannot be shown in JSON: equal in all that can be shown is as exact as reading back can tell.
  if (shown && crc32(showText(unwrapped)) === shown.crc) return 'exact';
  if (idOffset === -1) return unwrapped.length > bytes ? null : unwrapped.length === bytes ? 'rewritten' : 'truncated';
  const replaced = replacedBytes(unwrapped, id.start);
  if (id.start < idOffset || id.start > idOffset + replaced) return null;
  return isShorter(unwrapped, { bytes, shown }) ? 'truncated' : 'rewritten';
}

/** A letter that was cut through stands as U+FFFD at the end and counts for nothing. */
function isShorter(unwrapped: Buffer, { bytes, shown }: Pick<WrittenLine, 'bytes' | 'shown'>): boolean {
  const torn = unwrapped.subarray(-REPLACEMENT.length).equals(REPLACEMENT) ? REPLACEMENT.length : 0;
  const isReplaced = shown !== undefined && unwrapped.includes(REPLACEMENT);
  return isReplaced ? showText(unwrapped).length - torn < shown.bytes : unwrapped.length - torn < bytes;
}

/** The id carries the length of the line and the checksum of what stands around it. */
function compareWithId(unwrapped: Buffer, id: FoundId): StoredForm | null {
  if (matchesId(unwrapped, id)) return 'exact';
  if (unwrapped.length < id.bytes) return 'truncated';
  if (unwrapped.length === id.bytes || replacedBytes(unwrapped, unwrapped.length) > 0) return 'rewritten';
  return matchesId(unwrapped.subarray(0, id.bytes), id) ? 'rewritten' : null;
}

function matchesId(line: Buffer, id: FoundId): boolean {
  return (
    line.length === id.bytes &&
    id.end <= line.length &&
    crc32(line.subarray(id.end), crc32(line.subarray(0, id.start))) === id.crc
  );
}

const REPLACEMENT = Buffer.from('\uFFFD');

/** By how many bytes replacement characters may have lengthened the first `end` bytes: up to two each. */
function replacedBytes(text: Buffer, end: number): number {
  let count = 0;
  for (let at = text.indexOf(REPLACEMENT); at !== -1 && at < end; at = text.indexOf(REPLACEMENT, at + 3)) count++;
  return count * 2;
}
