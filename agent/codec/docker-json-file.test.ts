import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DockerJsonFile } from './docker-json-file.ts';
import { unescapeJson } from './json-text.ts';

function make(sizeMax = 1_000_000) {
  const lines: string[] = [];
  const times: number[] = [];
  const file = new DockerJsonFile(sizeMax, (bytes, start, length, seconds, nanos) => {
    lines.push(Buffer.from(bytes.subarray(start, start + length)).toString());
    times.push(seconds + nanos / 1e9);
  });
  const read = (value: unknown) => {
    const bytes = Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
    return file.read(bytes, 0, bytes.length);
  };
  return { file, lines, times, read };
}

test('lines are joined from their pieces, each stream by itself, with the time of the first piece', () => {
  const { lines, times, read, file } = make();
  read({ log: 'one ', stream: 'stdout', time: '2026-11-24T22:01:02.5Z' });
  read({ log: 'error\n', stream: 'stderr', attrs: { tag: 'x' }, time: '2026-11-24T22:01:03Z' });
  read({ log: 'line\n', stream: 'stdout', time: '2026-11-24T22:01:04Z' });
  read({ log: '\n', stream: 'stdout', time: 'never' });
  expect(file.isOpen).toBe(false);
  read({ log: 'cut', stream: 'stdout', time: '2026-11-24T22:01:04Z' });
  expect(file.isOpen).toBe(true);
  file.finish();
  expect(lines).toEqual(['error', 'one line', '', 'cut']);
  expect(times).toEqual([1_795_557_663, 1_795_557_662.5, 0, 1_795_557_664]);
});

test('what is no json-file line is said to be none', () => {
  const { read, lines } = make();
  for (const line of ['', '{', '{"log":1}', '{"log":"cut', 'text', '[]']) expect(read(line)).toBe(false);
  expect(lines).toEqual([]);
});

test('any text comes back from JSON as it went in', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' })),
      fc.boolean(),
      (text, ascii) => {
        const json = JSON.stringify(text).slice(1, -1);
        const wire = ascii
          ? json.replace(/[\u007f-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
          : json;
        const bytes = Buffer.from(wire);
        const into = new Uint8Array(bytes.length + 3);
        const length = unescapeJson(bytes, 0, bytes.length, into);
        expect(Buffer.from(into.subarray(0, length)).toString()).toBe(Buffer.from(text).toString());
      },
    ),
    { numRuns: 300 },
  );
});

test('however a line is cut into pieces, it is whole again or in parts of the size allowed', () => {
  fc.assert(
    fc.property(
      fc.array(fc.stringMatching(/^[a-z]{1,9}$/), { maxLength: 12 }),
      fc.integer({ min: 9, max: 40 }),
      (pieces, sizeMax) => {
        const { lines, read, file } = make(sizeMax);
        for (const [i, piece] of pieces.entries())
          read({ log: i === pieces.length - 1 ? `${piece}\n` : piece, stream: 'stdout' });
        expect(lines.join('')).toBe(pieces.join(''));
        for (const line of lines) expect(line.length).toBeLessThanOrEqual(sizeMax);
        expect(file.isOpen).toBe(false);
      },
    ),
  );
});
