import fc from 'fast-check';
import { expect, test } from 'vitest';
import { JournalExport } from './journal-export.ts';

function read(chunks: Uint8Array[], entryMax = 10_000) {
  const entries: Record<string, string>[] = [];
  const journal = new JournalExport({
    fields: ['__CURSOR', 'MESSAGE', 'CONTAINER_NAME'],
    entryMax,
    take: (entry) =>
      void entries.push(
        Object.fromEntries([...entry].map(([key, value]) => [key, Buffer.from(value).toString('latin1')])),
      ),
  });
  let open = true;
  for (const chunk of chunks) open &&= journal.push(chunk);
  return { entries, open, malformed: journal.malformed };
}

function write(entry: Record<string, string>): Buffer {
  const parts = Object.entries(entry).map(([key, value]) => {
    if (!value.includes('\n')) return Buffer.from(`${key}=${value}\n`, 'latin1');
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(value.length));
    return Buffer.concat([Buffer.from(`${key}\n`), length, Buffer.from(value, 'latin1'), Buffer.from('\n')]);
  });
  return Buffer.concat([...parts, Buffer.from('\n')]);
}

test('however the bytes are cut, entries come out as they went in, without the fields nobody asked for', () => {
  const text = fc.string({ unit: fc.constantFrom('a', '\n', '=', ' ', '\u00e4') });
  fc.assert(
    fc.property(
      fc.array(fc.record({ cursor: fc.stringMatching(/^[0-9a-f]{1,20}$/), text }), { maxLength: 6 }),
      fc.array(fc.nat(400)),
      (entries, cuts) => {
        const wire = Buffer.concat(
          entries.map(({ cursor, text }) => write({ __CURSOR: cursor, OTHER: text, MESSAGE: text })),
        );
        const places = [...new Set(cuts.map((place) => place % (wire.length + 1)))].sort((a, b) => a - b);
        const chunks = [...places, wire.length].map((end, i) => wire.subarray(places[i - 1] ?? 0, end));
        expect(read(chunks).entries).toEqual(entries.map(({ cursor, text }) => ({ __CURSOR: cursor, MESSAGE: text })));
      },
    ),
  );
});

test('an entry that is too large is counted and the next one is read; a claimed length is not believed', () => {
  const large = Buffer.concat([
    write({ __CURSOR: '1', MESSAGE: 'x'.repeat(60), CONTAINER_NAME: 'y'.repeat(60) }),
    write({ __CURSOR: '2' }),
  ]);
  expect(read([large], 100)).toMatchObject({ entries: [{ __CURSOR: '2' }], malformed: 1 });
  expect(read([Buffer.from('MESSAGE\n\xff\xff\xff\xff\xff\xff\xff\xffx', 'latin1')]).open).toBe(false);
  expect(read([Buffer.alloc(200, 'x')], 100).open).toBe(false);
});

test('any bytes at all are taken', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 }), (chunks) => void read(chunks, 50)),
    { numRuns: 2000 },
  );
});
