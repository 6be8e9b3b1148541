import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createByteStore } from './byte-store.ts';
import { createCopier } from './copier.ts';
import type { LineMessage, LongLine } from './log-message.ts';
import { createNumberQueue } from './number-queue.ts';
import { createStages } from './stages.ts';

interface Made {
  text: string;
  second: number;
  piece: { id: string; ordinal: number; last: boolean } | null;
}

/** A copier over real stages; `blocks(n)`: the driver blocks on message n until `returned`. */
function createTestCopier(blocks: (message: number) => boolean = () => false) {
  const made: Made[] = [];
  const store = createByteStore(64);
  const newlines = createNumberQueue();
  const stages = createStages();
  let second = 0;
  let ids = 0;
  const unclosed: LongLine[] = [];
  const log = ({ bytes, start, end, line, ordinal, last, seconds }: LineMessage): boolean => {
    const piece = line && { id: line.id, ordinal, last };
    made.push({ text: bytes.toString('latin1', start, end), second: seconds, piece });
    return !blocks(made.length - 1);
  };
  const ports = {
    ...{ store, newlines, take: stages.take, target: { log }, inspect: () => undefined },
    clock: { nowNs: () => 0, wallMs: () => second * 1000 },
    longLineId: () => `line-${++ids}`,
    onUnclosed: (line: LongLine) => void unclosed.push(line),
  };
  const copier = createCopier(ports, 0);
  return {
    ...{ copier, made, unclosed },
    at(now: number) {
      second = now;
    },
    push(text: string) {
      const bytes = Buffer.from(text, 'latin1');
      for (let at = 0; at < bytes.length; at++) if (bytes[at] === 10) newlines.push(store.end + at);
      store.append(bytes, bytes.length);
      stages.push(bytes.length);
      copier.run();
    },
  };
}

describe('the line copier', () => {
  it('cuts at newlines, keeps carriage returns, and makes a message of an empty line', () => {
    const { push, made } = createTestCopier();
    push('one\r\n\ntwo\n');
    expect(made.map(({ text }) => text)).toEqual(['one\r', '', 'two']);
    expect(made.every(({ piece }) => piece === null)).toBe(true);
  });

  it('takes 16,383 bytes and a newline as one message', () => {
    const { push, made } = createTestCopier();
    push(`${'x'.repeat(16_383)}\n`);
    expect(made).toHaveLength(1);
    expect(made[0]!.piece).toBeNull();
  });

  it('cuts 16,384 bytes and a newline into a full piece and an empty last one', () => {
    const { push, made } = createTestCopier();
    push(`${'x'.repeat(16_384)}\nnext\n`);
    expect(made.map(({ text }) => text.length)).toEqual([16_384, 0, 4]);
    expect(made[0]!.piece).toEqual({ id: 'line-1', ordinal: 1, last: false });
    expect(made[1]!.piece).toEqual({ id: 'line-1', ordinal: 2, last: true });
    expect(made[2]!.piece).toBeNull();
  });

  it('gives all pieces the time of the first', () => {
    const { push, made, at } = createTestCopier();
    at(5);
    push('x'.repeat(16_384));
    at(9);
    push(`${'x'.repeat(16_384)}end\nnext\n`);
    expect(made.map(({ second }) => second)).toEqual([5, 5, 5, 9]);
    expect(made.map(({ piece }) => piece?.ordinal)).toEqual([1, 2, 3, undefined]);
  });

  it('makes an open piece with ordinal 1 of what remains at the end of the stream', () => {
    const { push, made, copier } = createTestCopier();
    push('whole\nrest');
    copier.end();
    expect(made.at(-1)).toEqual({ text: 'rest', second: 0, piece: { id: 'line-1', ordinal: 1, last: false } });
    expect(copier.done).toBe(true);
  });

  it('tells of a long line that the end of the stream leaves open', () => {
    const { push, made, copier, unclosed } = createTestCopier();
    push('x'.repeat(16_384));
    expect(unclosed).toEqual([]);
    copier.end();
    expect(made).toHaveLength(1);
    expect(unclosed.map(({ id, ended }) => ({ id, ended }))).toEqual([{ id: 'line-1', ended: true }]);
  });

  it('stamps a message when it is made, so a driver that blocks moves the times', () => {
    const { push, made, at, copier } = createTestCopier((message) => message === 0);
    at(1);
    push('first\nsecond\n');
    expect(made).toHaveLength(1);
    at(60);
    copier.returned();
    expect(made.map(({ second }) => second)).toEqual([1, 60]);
  });

  it('reads on only when all lines of its buffer are logged: it holds at most 2,048 bytes of short lines', () => {
    const { push, copier } = createTestCopier((message) => message === 0);
    push('0123456\n'.repeat(4_000));
    expect(copier.held).toBe(2_048 - 8);
  });

  it('makes the same messages however the bytes are chunked, and loses none', () => {
    const line = fc.oneof(
      fc.string({ maxLength: 40 }),
      fc.integer({ min: 16_380, max: 16_390 }).map((length) => 'y'.repeat(length)),
      fc.integer({ min: 32_760, max: 32_775 }).map((length) => 'z'.repeat(length)),
    );
    const cuts = fc.array(fc.integer({ min: 1, max: 32_768 }), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), cuts, fc.boolean(), (lines, sizes, closed) => {
        const latin = lines.map((text) => text.replace(/[^\x00-\xff]|\n/g, '?'));
        const text = latin.join('\n') + (closed && latin.length > 0 ? '\n' : '');
        const { push, made, copier } = createTestCopier();
        for (let at = 0, cut = 0; at < text.length; at += sizes[cut++ % sizes.length]!) {
          push(text.slice(at, at + sizes[cut % sizes.length]!));
        }
        copier.end();
        expect(made.map(({ text: piece, piece: cut }) => (cut && !cut.last ? piece : `${piece}\n`)).join('')).toBe(
          text,
        );
        expect(made.every(({ text: piece }) => piece.length <= 16_384)).toBe(true);
        expect(copier.done && copier.held === 0).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});
