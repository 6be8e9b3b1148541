import { deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { GelfChunks, readGelf } from './gelf.ts';

const LIMITS = { messageMax: 100_000, openMax: 10, openBytesMax: 20_000, timeoutMs: 5000 };

function make() {
  const trouble: string[] = [];
  const chunks = new GelfChunks(LIMITS, (what) => void trouble.push(what));
  return { chunks, trouble };
}

const chunk = (id: number, number: number, count: number, part: Uint8Array) =>
  Buffer.concat([Buffer.from([0x1e, 0x0f, 0, 0, 0, 0, 0, 0, 0, id, number, count]), part]);
const message = {
  version: '1.1',
  host: 'box',
  short_message: 'hello',
  timestamp: 1_763_900_000.123,
  _tag: 'web.x',
  _container_name: 'web-1',
};
const bytes = Buffer.from(JSON.stringify(message));

test('a message is read plain, from gzip and from zlib', () => {
  for (const packed of [bytes, gzipSync(bytes), deflateSync(bytes)])
    expect(readGelf(packed, 1000)).toEqual({
      line: 'hello',
      host: 'box',
      tag: 'web.x',
      containerName: 'web-1',
      containerId: '',
      seconds: 1_763_900_000,
      nanos: 123_000_000,
    });
  expect(readGelf(Buffer.from('{"short_message":"a","full_message":"a\\nb"}'), 1000)).toMatchObject({
    line: 'a\nb',
    seconds: 0,
  });
});

test('what is no message, is too large, or would become so when unpacked, is none', () => {
  const bomb = gzipSync(Buffer.alloc(1_000_000, ' '));
  for (const wrong of [
    '',
    '[]',
    'null',
    '{}',
    '{"short_message":""}',
    '{"short_message":{}}',
    '{',
    bomb,
    gzipSync(bytes).subarray(0, 20),
  ])
    expect(readGelf(Buffer.from(wrong as string), 10_000)).toBeUndefined();
});

test('in whatever order chunks come, and however often, the message is whole exactly when the last is there', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 300 }),
      fc.integer({ min: 1, max: 20 }),
      fc.infiniteStream(fc.nat()),
      (body, size, random) => {
        const { chunks } = make();
        const count = Math.ceil(body.length / size);
        if (count > 128) return;
        const parts = Array.from({ length: count }, (_, i) =>
          chunk(1, i, count, body.subarray(i * size, (i + 1) * size)),
        );
        const order = parts.flatMap((part, i) => [
          { part, i },
          { part, i },
        ]);
        order.sort(() => ((random.next().value as number) % 3) - 1);
        const seen = new Set<number>();
        for (const { part, i } of order) {
          const whole = chunks.take(part, 0);
          const wasThere = seen.has(i);
          seen.add(i);
          if (seen.size === count && !wasThere) {
            expect(Buffer.from(whole ?? [])).toEqual(Buffer.from(body));
            return;
          }
          expect(whole).toBeUndefined();
        }
      },
    ),
  );
});

test('chunks that never become a message are given up after a while, or when there are too many', () => {
  const { chunks, trouble } = make();
  chunks.take(chunk(1, 0, 2, bytes), 0);
  chunks.take(chunk(2, 0, 2, bytes), 5000);
  expect([chunks.openCount, trouble]).toEqual([1, ['incomplete']]);
  for (let id = 3; id < 30; id++) chunks.take(chunk(id, 0, 2, bytes), 5000);
  expect(chunks.openCount).toBe(10);
  for (let id = 30; id < 35; id++) chunks.take(chunk(id, 0, 2, Buffer.alloc(6000)), 5000);
  expect(chunks.openCount).toBe(3);
});

test('any datagrams at all are taken, within the bounds', () => {
  const datagram = fc.oneof(
    fc.uint8Array({ maxLength: 50 }),
    fc
      .tuple(fc.nat(3), fc.nat(255), fc.nat(255), fc.uint8Array({ maxLength: 50 }))
      .map(([id, number, count, part]) => chunk(id, number, count, part)),
  );
  fc.assert(
    fc.property(fc.array(datagram, { maxLength: 50 }), (datagrams) => {
      const { chunks } = make();
      for (const each of datagrams) {
        const whole = chunks.take(each, 0);
        if (whole !== undefined) readGelf(whole, 1000);
      }
      expect(chunks.openCount).toBeLessThanOrEqual(10);
    }),
    { numRuns: 2000 },
  );
});
