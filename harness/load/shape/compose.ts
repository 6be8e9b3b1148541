// From a shape to the very bytes of a write. A synthetic line carries its own length and checksum inside its id,
// so the shape is first asked for a line around a stand-in id of equal width; then both are filled in. The width
// depends on the number of digits of the length, which settles after at most one more try.

import { isUtf8 } from 'node:buffer';
import { crc32 } from 'node:zlib';
import { HarnessError } from '../../core/errors.ts';
import { formatLineId } from '../../model/line-id.ts';
import type { ShapeDefinition, ShapedLine } from '../../model/parts.ts';
import { showText } from '../../model/shown-text.ts';

const TRIES_MAX = 4;

/** What one write(2) hands to the kernel, and what is recorded of it. */
export interface ComposedLine {
  /** Every line of it, each with its newline. */
  text: Buffer;
  /** The line that holds the id, without newline: its bytes, CRC-32 and where the id begins (-1: it holds none). */
  bytes: number;
  crc: number;
  idOffset: number;
  /** Its other lines, which carry no id. */
  anonymous: readonly { bytes: number; crc: number }[];
  /** Of a line that is no UTF-8: bytes and CRC-32 of what a sink that answers in JSON can show of it. */
  shown?: { bytes: number; crc: number };
}

/** What a line is made from. `sizeBytes` 0: the shape decides. */
export interface ComposeInput {
  shape: ShapeDefinition;
  run: string;
  app: string;
  seq: number;
  dueMs: number;
  sizeBytes: number;
  random: () => number;
}

const NONE: readonly { bytes: number; crc: number }[] = [];

/** Makes one synthetic line. Throws when the shape does not hold the id exactly once. */
export function composeLine({ shape, run, app, seq, dueMs, sizeBytes, random }: ComposeInput): ComposedLine {
  const replay = createReplay(random);
  let digits = sizeBytes > 0 ? digitsOf(sizeBytes) : 3;
  for (let attempt = 0; attempt < TRIES_MAX; attempt++) {
    replay.rewind();
    const id = formatLineId({ run, app, seq, canary: false, bytes: 10 ** digits - 1, crc: 0 });
    const shaped = shape.line({ id, seq, dueMs, random: replay.next, bytes: sizeBytes });
    const pieces = Array.isArray(shaped) ? shaped.map(bytesOf) : [bytesOf(shaped)];
    const { lineIndex, idOffset } = findLine(pieces, id, shape.name);
    const line = pieces[lineIndex]!;
    if (digitsOf(line.length) === digits) {
      sealId(line, { idOffset, idBytes: id.length });
      return pack(pieces, lineIndex, idOffset);
    }
    digits = digitsOf(line.length);
  }
  throw new HarnessError(
    'E_PLUGIN_SHAPE',
    `Shape ${shape.name} gives lines of another length each time it is asked with the same draws: make it depend on its input alone.`,
  );
}

/** The bytes of lines that were made around a finished id, as http apps do: the first line holds it. `id` null: nothing to find. */
export function packLines(lines: readonly string[], id: string | null): ComposedLine {
  const pieces = lines.map((text) => Buffer.from(text));
  return pack(pieces, 0, id === null ? -1 : pieces[0]!.indexOf(id, 0, 'latin1'));
}

function findLine(pieces: readonly Buffer[], id: string, shape: string): { lineIndex: number; idOffset: number } {
  let lineIndex = -1;
  let idOffset = -1;
  let count = 0;
  for (let index = 0; index < pieces.length; index++) {
    const bytes = pieces[index]!;
    if (bytes.includes(0x0a))
      throw new HarnessError(
        'E_PLUGIN_SHAPE',
        `Expected shape ${shape} to return one line per piece, found a newline inside.`,
      );
    for (let at = bytes.indexOf(id, 0, 'latin1'); at !== -1; at = bytes.indexOf(id, at + 1, 'latin1')) {
      count++;
      lineIndex = index;
      idOffset = at;
    }
  }
  if (count !== 1)
    throw new HarnessError(
      'E_PLUGIN_SHAPE',
      `Expected shape ${shape} to hold the id exactly once, found it ${count} times.`,
    );
  return { lineIndex, idOffset };
}

/** Writes length and checksum over the end of the stand-in id, in place. */
function sealId(line: Buffer, { idOffset, idBytes }: { idOffset: number; idBytes: number }): void {
  const end = idOffset + idBytes;
  const before = idOffset === 0 ? 0 : crc32(line.subarray(0, idOffset));
  const crc = end === line.length ? before : crc32(line.subarray(end), before);
  const tail = `${line.length}-${crc.toString(16).padStart(8, '0')}`;
  line.write(tail, end - tail.length, 'latin1');
}

function pack(pieces: readonly Buffer[], lineIndex: number, idOffset: number): ComposedLine {
  let size = 0;
  for (const piece of pieces) size += piece.length + 1;
  const text = Buffer.allocUnsafe(size);
  let at = 0;
  for (const piece of pieces) {
    text.set(piece, at);
    at += piece.length;
    text[at++] = 0x0a;
  }
  const line = pieces[lineIndex]!;
  const anonymous =
    pieces.length === 1
      ? NONE
      : pieces.filter((_, index) => index !== lineIndex).map((other) => ({ bytes: other.length, crc: crc32(other) }));
  const composed: ComposedLine = { text, bytes: line.length, crc: crc32(line), idOffset, anonymous };
  return isUtf8(line) ? composed : { ...composed, shown: describeShown(line) };
}

function describeShown(line: Buffer): { bytes: number; crc: number } {
  const shown = showText(line);
  return { bytes: shown.length, crc: crc32(shown) };
}

function bytesOf(piece: ShapedLine): Buffer {
  const bytes = 'anonymous' in piece ? piece.bytes : piece;
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function digitsOf(count: number): number {
  let digits = 1;
  for (let rest = count; rest >= 10; rest /= 10) digits++;
  return digits;
}

/** Gives the same draws again after `rewind`, so that a second try makes the same line. */
function createReplay(random: () => number): { next: () => number; rewind: () => void } {
  const draws: number[] = [];
  let at = 0;
  return {
    next: () => {
      if (at === draws.length) draws.push(random());
      return draws[at++]!;
    },
    rewind: () => {
      at = 0;
    },
  };
}
