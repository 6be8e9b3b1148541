// Learning from canaries how an agent wraps lines.

import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLineIdScanner } from '../model/line-id.ts';
import { unwrapLine } from '../model/unwrap.ts';
import { entry, RUN, WRAPPINGS } from './testing/sink-lines.ts';
import { type Canary, createCanaries, learnWrapper } from './wrapper.ts';

const canaries = createCanaries({ run: RUN, app: 'web' });

function learn(wrap: (text: string, canary: Canary) => string | null, among: Canary[] = canaries) {
  const entries = among.flatMap((canary) => {
    const text = wrap(canary.bytes.toString(), canary);
    return text === null ? [] : [entry(text)];
  });
  return learnWrapper({ canaries: among, entries });
}

describe('canaries', () => {
  it('hold their id once, with the true length and checksum, for any app and number', () => {
    const app = fc.stringMatching(/^[a-z][a-z0-9-]{0,28}[a-z0-9]$/);
    fc.assert(
      fc.property(app, fc.nat(1_000_000), (name, fromSeq) => {
        const scanner = createLineIdScanner(RUN, [name]);
        createCanaries({ run: RUN, app: name, fromSeq }).forEach(({ id, bytes }, index) => {
          const count = scanner.scan(bytes, ({ seq, canary, start, end, bytes: length, crc }) => {
            expect({ seq, canary, length }).toEqual({ seq: fromSeq + index, canary: true, length: bytes.length });
            expect(bytes.toString('latin1', start, end)).toBe(id);
            expect(crc32(bytes.subarray(end), crc32(bytes.subarray(0, start)))).toBe(crc);
          });
          expect(count).toBe(1);
        });
      }),
    );
  });

  it('hold what wrappers and parsers stumble over, and one is a byte longer than a piece of Docker', () => {
    const texts = canaries.map(({ bytes }) => bytes.toString());
    for (const odd of ['"', '\\', '\u001b[', '日本語', '=', '  '])
      expect(texts.some((text) => text.includes(odd))).toBe(true);
    expect(canaries.map(({ bytes }) => bytes.length)).toContain(16_385);
    expect(texts.every((text) => !text.includes('\n'))).toBe(true);
  });
});

describe('learning a wrapper', () => {
  it.each(Object.entries(WRAPPINGS))('gives every canary back when lines are wrapped as %s', (_, { wrap }) => {
    const learned = learn(wrap);
    for (const { bytes } of canaries)
      expect(unwrapLine(Buffer.from(wrap(bytes.toString())), learned)?.equals(bytes)).toBe(true);
  });

  it('tells the kind and the key', () => {
    expect(learn(WRAPPINGS.raw!.wrap)).toEqual({ kind: 'raw' });
    expect(learn(WRAPPINGS.json!.wrap)).toEqual({ kind: 'json', key: 'log' });
    expect(learn(WRAPPINGS['logfmt as Go writes it']!.wrap)).toEqual({ kind: 'logfmt', key: 'log', quoting: 'go' });
    expect(learn(WRAPPINGS['key_value of 2019']!.wrap)).toEqual({ kind: 'logfmt', key: 'log', quoting: 'raw' });
    expect(learn((text) => JSON.stringify({ message: text, log: 'x' }))).toEqual({ kind: 'json', key: 'message' });
  });

  it('guesses the quoting line by line where the canaries that tell it did not arrive', () => {
    const plain = (wrap: (text: string) => string) =>
      learn((text, canary) => (canary === canaries[0] ? wrap(text) : null));
    expect(plain(WRAPPINGS['key_value of 2019']!.wrap)).toEqual({ kind: 'logfmt', key: 'log' });
  });

  it('a learned quoting reads back lines that look well both ways', () => {
    const { wrap } = WRAPPINGS['key_value of 2019']!;
    const text = 'C:\\temp\\new';
    expect(unwrapLine(Buffer.from(wrap(text)), learn(wrap))?.toString()).toBe(text);
  });

  it('takes bytes as well as text', () => {
    const entries = canaries.map(({ bytes }) => entry(new Uint8Array(bytes)));
    expect(learnWrapper({ canaries, entries })).toEqual({ kind: 'raw' });
  });

  it('needs more than half of what arrived: some lines may be cut or missing', () => {
    expect(learn((text, { bytes }) => (bytes.length > 16_384 ? text.slice(0, 16_384) : text))).toEqual({ kind: 'raw' });
    expect(learn((text, canary) => (canary === canaries[0] ? text : null))).toEqual({ kind: 'raw' });
    const half = canaries.slice(0, 4);
    expect(learn((text, canary) => (half.indexOf(canary) < 2 ? text : `${text}~`), half)).toEqual({
      kind: 'unlearnable',
    });
    expect(learn((text, canary) => (half.indexOf(canary) < 3 ? text : `${text}~`), half)).toEqual({ kind: 'raw' });
  });

  it('is not learnable when nothing arrived, or nothing whole', () => {
    expect(learn(() => null)).toEqual({ kind: 'unlearnable' });
    expect(learn((text) => `<msg>${text}</msg>`)).toEqual({ kind: 'unlearnable' });
    expect(learn((text) => Buffer.from(text).toString('base64'))).toEqual({ kind: 'unlearnable' });
  });
});
