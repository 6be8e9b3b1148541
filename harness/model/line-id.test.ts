import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLineIdScanner, formatLineId, type LineId } from './line-id.ts';

const APPS = ['web', 'web-1', 'quiet', 'a'];

const anyId = fc.record({
  run: fc.constant('r4nd0m'),
  app: fc.constantFrom(...APPS),
  seq: fc.nat(4_000_000_000),
  canary: fc.boolean(),
  bytes: fc.nat(1_000_000),
  crc: fc.integer({ min: 0, max: 0xffffffff }),
}) satisfies fc.Arbitrary<LineId>;

const scanAll = (bytes: Buffer): { app: string; seq: number; text: string }[] => {
  const found: { app: string; seq: number; text: string }[] = [];
  createLineIdScanner('r4nd0m', APPS).scan(bytes, ({ appIndex, seq, start, end }) =>
    found.push({ app: APPS[appIndex] ?? '?', seq, text: bytes.toString('latin1', start, end) }),
  );
  return found;
};

describe('line ids', () => {
  it('finds each id wherever it stands, whatever JSON or logfmt escaping is around it', () => {
    fc.assert(
      fc.property(
        fc.array(anyId, { maxLength: 5 }),
        fc.array(fc.string(), { minLength: 6, maxLength: 6 }),
        (ids, fillers) => {
          const text = ids.map((id, index) => `${JSON.stringify(fillers[index])} ${formatLineId(id)}"`).join('\\\\');
          expect(scanAll(Buffer.from(text)).map((found) => found.text)).toEqual(ids.map(formatLineId));
          expect(scanAll(Buffer.from(text)).map((found) => [found.app, found.seq])).toEqual(
            ids.map((id) => [id.app, id.seq]),
          );
        },
      ),
    );
  });

  it('reads an id that is followed by more of a path', () => {
    expect(scanAll(Buffer.from('GET /static/lrs1-r4nd0m-web-12-0-00000000-360.mp4'))).toEqual([
      { app: 'web', seq: 12, text: 'lrs1-r4nd0m-web-12-0-00000000' },
    ]);
  });

  it('takes the longer app name where one is the head of another', () => {
    expect(scanAll(Buffer.from('lrs1-r4nd0m-web-1-7-5-0000000a')).map(({ app, seq }) => [app, seq])).toEqual([
      ['web-1', 7],
    ]);
  });

  it('finds an id of an unknown app as a phantom, and no id of another run', () => {
    expect(
      scanAll(Buffer.from('lrs1-r4nd0m-ghost-7-5-0000000a lrs1-other-web-7-5-0000000a')).map(({ app, seq }) => [
        app,
        seq,
      ]),
    ).toEqual([['?', 7]]);
  });

  it.each([
    'lrs1-r4nd0m-web-',
    'lrs1-r4nd0m-web-12-',
    'lrs1-r4nd0m-web-12-5-0000',
    'lrs1-r4nd0m-web-x-5-00000000',
    'lrs1-r4nd0m-web-12-5-0000000G',
  ])('does not take %s for an id', (text) => {
    expect(scanAll(Buffer.from(text))).toEqual([]);
  });

  it('never throws on any bytes', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        (bytes) => void scanAll(Buffer.concat([Buffer.from(bytes), Buffer.from('lrs1-r4nd0m-'), Buffer.from(bytes)])),
      ),
    );
  });
});
