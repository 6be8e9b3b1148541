// Joining the pieces of lines that Docker cut at 16 KiB.

import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FoundId } from './classify-line.ts';
import { createPieceJoiner, type JoinedLine } from './join-pieces.ts';
import { cutInPieces, entry } from './testing/sink-lines.ts';

const PIECE_BYTES = 16_384;

function idOf(seq: number): FoundId {
  return { appIndex: 0, seq, canary: false, start: 0, end: 1, bytes: 0, crc: 0 };
}

function begin(joiner: ReturnType<typeof createPieceJoiner>, seq: number, text: string, stream = 'a'): boolean {
  const written = { bytes: text.length, crc: crc32(text), hasCrc: true, idOffset: 0 };
  const piece = { app: 'web', id: idOf(seq), unwrapped: Buffer.from(text.slice(0, PIECE_BYTES)), written };
  return joiner.begin({ ...piece, entry: entry('', { labels: { stream }, tNs: seq }) });
}

function goOn(joiner: ReturnType<typeof createPieceJoiner>, text: string, stream = 'a'): boolean {
  return joiner.continue(entry('', { labels: { stream } }), Buffer.from(text));
}

function start(): { joiner: ReturnType<typeof createPieceJoiner>; lines: JoinedLine[] } {
  const lines: JoinedLine[] = [];
  return { joiner: createPieceJoiner((line) => lines.push(line)), lines };
}

describe('joining pieces', () => {
  it('gives back lines of any length whose pieces arrive in order, whatever other streams do between', () => {
    const lengths = fc.array(fc.integer({ min: PIECE_BYTES + 1, max: 5 * PIECE_BYTES }), {
      minLength: 1,
      maxLength: 5,
    });
    fc.assert(
      fc.property(lengths, fc.infiniteStream(fc.nat(1_000)), (sizes, picks) => {
        const { joiner, lines } = start();
        const texts = sizes.map((size, seq) => String(seq).repeat(size));
        const rest = texts.map((text) => cutInPieces(text).slice(1));
        for (const [seq, text] of texts.entries()) expect(begin(joiner, seq, text, `${seq}`)).toBe(true);
        while (rest.some((pieces) => pieces.length > 0)) {
          const waiting = rest.flatMap((pieces, seq) => (pieces.length > 0 ? [seq] : []));
          const seq = waiting[(picks.next().value as number) % waiting.length]!;
          expect(goOn(joiner, rest[seq]!.shift()!, `${seq}`)).toBe(true);
        }
        expect(lines).toHaveLength(texts.length);
        for (const { isWhole, bytes, id, tNs } of lines)
          expect({ isWhole, bytes, tNs }).toEqual({ isWhole: true, bytes: sizes[id.seq], tNs: id.seq });
      }),
      { numRuns: 40 },
    );
  });

  it('does not begin with anything but a full piece of a longer line that the app recorded', () => {
    const { joiner } = start();
    const full = Buffer.alloc(PIECE_BYTES, 'x');
    const first = { app: 'web', id: idOf(0), entry: entry('') };
    const known = { bytes: 20_000, crc: 1, hasCrc: true, idOffset: 0 };
    expect(joiner.begin({ ...first, unwrapped: full.subarray(1), written: known })).toBe(false);
    expect(joiner.begin({ ...first, unwrapped: full, written: undefined })).toBe(false);
    expect(joiner.begin({ ...first, unwrapped: full, written: { ...known, hasCrc: false } })).toBe(false);
    expect(joiner.begin({ ...first, unwrapped: full, written: { ...known, bytes: PIECE_BYTES } })).toBe(false);
    expect(joiner.begin({ ...first, unwrapped: full, written: known })).toBe(true);
  });

  it('gives up a line whose bytes do not fit its checksum, with its pieces', () => {
    const { joiner, lines } = start();
    begin(joiner, 1, 'x'.repeat(20_000));
    expect(goOn(joiner, 'y'.repeat(20_000 - PIECE_BYTES))).toBe(true);
    expect(lines).toMatchObject([{ isWhole: false, bytes: PIECE_BYTES }]);
    expect(lines[0]!.continuations).toHaveLength(1);
  });

  it('leaves a piece that is too long for the open line alone, and gives the line up when the next begins', () => {
    const { joiner, lines } = start();
    begin(joiner, 1, 'x'.repeat(20_000));
    expect(goOn(joiner, 'x'.repeat(PIECE_BYTES))).toBe(false);
    begin(joiner, 2, 'x'.repeat(20_000));
    expect(lines).toMatchObject([{ id: { seq: 1 }, isWhole: false }]);
    joiner.flush();
    expect(lines.map(({ id, isWhole }) => [id.seq, isWhole])).toEqual([
      [1, false],
      [2, false],
    ]);
    expect(goOn(joiner, 'x')).toBe(false);
  });
});
