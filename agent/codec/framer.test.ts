import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Framer, type Framing } from './framer.ts';

function frame(framing: Framing, chunks: (string | Uint8Array)[], messageMax = 100) {
  const messages: string[] = [];
  const framer = new Framer({
    framing,
    messageMax,
    take: (bytes, start, end) => void messages.push(Buffer.from(bytes.subarray(start, end)).toString('latin1')),
  });
  let open = true;
  for (const chunk of chunks) {
    const bytes = Buffer.concat([Buffer.from('9\n'), Buffer.from(chunk as string), Buffer.from('\n9')]);
    open &&= framer.push(bytes, 2, bytes.length - 2);
  }
  const pending = framer.pendingBytes;
  if (open) framer.finish();
  return { messages, open, pending };
}

const cut = (bytes: Buffer, cuts: number[]): Buffer[] => {
  const places = [...new Set(cuts.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [...places, bytes.length].map((end, i) => bytes.subarray(places[i - 1] ?? 0, end));
};

test('newlines and octet counts may follow each other in one stream', () => {
  expect(frame('syslog', ['<1>a\n5 <2>bc6 <3>d\n\n<4>e\r\n<5>f']).messages).toEqual([
    '<1>a',
    '<2>bc',
    '<3>d',
    '<4>e',
    '<5>f',
  ]);
});

test('a count that is too large or no count ends it; a line that is too long is cut', () => {
  expect(frame('syslog', ['101 x']).open).toBe(false);
  expect(frame('syslog', ['12x']).open).toBe(false);
  expect(frame('syslog', ['999999999999 x']).open).toBe(false);
  const long = frame('newline', ['x'.repeat(150), 'y'.repeat(150), '\nok\n']);
  expect(long.messages).toEqual(['x'.repeat(100), 'ok']);
});

test('whatever the cuts between reads, the same messages come out', () => {
  const text = fc.stringMatching(/^<[ -~]{0,20}$/);
  fc.assert(
    fc.property(
      fc.array(fc.tuple(text, fc.boolean()), { maxLength: 10 }),
      fc.array(fc.nat(500), { maxLength: 10 }),
      (parts, cuts) => {
        const wire = Buffer.from(
          parts.map(([part, counted]) => (counted ? `${part.length} ${part}` : `${part}\n`)).join(''),
        );
        expect(frame('syslog', cut(wire, cuts)).messages).toEqual(parts.map(([part]) => part));
        const nul = Buffer.from(parts.map(([part]) => `${part}\0`).join(''));
        expect(frame('nul', cut(nul, cuts)).messages).toEqual(parts.map(([part]) => part));
      },
    ),
  );
});

test('any bytes at all keep no more than one message in memory', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 }),
      fc.constantFrom('newline', 'nul', 'syslog') as fc.Arbitrary<Framing>,
      (chunks, framing) => {
        expect(frame(framing, chunks).pending).toBeLessThanOrEqual(2 * 110);
      },
    ),
  );
});

test('a message of a megabyte that comes byte by byte costs its bytes, not the square of them', () => {
  const messageMax = 1_048_576;
  const lengths: number[] = [];
  const framer = new Framer({ framing: 'nul', messageMax, take: (_, start, end) => void lengths.push(end - start) });
  const byte = Uint8Array.of(0x78);
  let allocated = 0;
  for (let n = 0, before = 0; n < 1_000_000; n++) {
    framer.push(byte, 0, 1);
    if (framer.pendingBytes !== before) allocated += framer.pendingBytes;
    before = framer.pendingBytes;
  }
  framer.push(Uint8Array.of(0), 0, 1);
  expect(lengths).toEqual([1_000_000]);
  expect(allocated).toBeLessThan(4 * messageMax);
  expect(framer.pendingBytes).toBe(0);
});
