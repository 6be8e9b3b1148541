// Reading back: what is the line itself, what only quotes it, and what is neither. Every entry is exactly one thing.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { LineWrapper } from '../model/agent.ts';
import {
  createLineRecord,
  decodeLineRecord,
  LINE_KINDS,
  LINE_RECORD_BYTES,
  type LineRecord,
  STORED_FORMS,
} from '../model/line-record.ts';
import type { SinkEntry } from '../model/parts.ts';
import { createHistory } from '../testing/create-history.ts';
import { classifyEntries, type ReadBackSummary } from './read-back.ts';
import { cutInPieces, entry, type MadeLine, makeLine, RUN, WRAPPINGS } from './testing/sink-lines.ts';
import { readWrittenLookup } from './written-lookup.ts';

const root = mkdtempSync(join(tmpdir(), 'larsen-read-back-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

interface Found extends ReadBackSummary {
  /** `0 exact`, `3 truncated`: stored records in order. */
  stored: string[];
  /** `0 of 2`: echoed records, with the number of ids in their entry. */
  echoed: string[];
  records: LineRecord[];
}

type Options = { wrapper?: LineWrapper; lines?: (MadeLine & { app: string })[]; apps?: string[] };

async function readBack(entries: SinkEntry[], options: Options = {}): Promise<Found> {
  const { wrapper = { kind: 'raw' }, lines = [], apps = ['web', 'other'] } = options;
  const linesDir = mkdtempSync(join(root, 'run-'));
  const byApp = Object.fromEntries(
    apps.map((app) => [app, lines.filter((line) => line.app === app).map(({ written }) => written)]),
  );
  const written = await readWrittenLookup(createHistory([], byApp));
  const all = (async function* () {
    yield* entries;
  })();
  const summary = await classifyEntries({ entries: all, run: RUN, apps, wrapper, linesDir, written, nowNs: () => 7 });
  const records = apps.flatMap((app) => readRecords(join(linesDir, `${app}.bin`)));
  const stored = records.filter(({ kind }) => kind === LINE_KINDS.stored);
  return {
    ...summary,
    records,
    stored: stored.map(({ seq, detail }) => `${seq} ${STORED_FORMS[detail]}`),
    echoed: records.filter(({ kind }) => kind === LINE_KINDS.echoed).map(({ seq, detail }) => `${seq} of ${detail}`),
  };
}

function readRecords(path: string): LineRecord[] {
  let bytes = Buffer.alloc(0);
  try {
    bytes = readFileSync(path);
  } catch {
    return [];
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: bytes.length / LINE_RECORD_BYTES }, (_, index) => {
    const record = createLineRecord();
    decodeLineRecord(view, index * LINE_RECORD_BYTES, record);
    return record;
  });
}

const wrappings = Object.entries(WRAPPINGS);
const oddTexts = [
  ['', ' plain'],
  ['{"msg":"', '","level":"info"}'],
  ['say "hi" a=b ', ' C:\\new\\table'],
  ['\u001b[32minfo\u001b[39m: Zürich 🎥 ', ''],
] as const;

describe('the line itself', () => {
  it.each(wrappings)('is recognised to the byte in entries wrapped as %s', async (_, { wrapper, wrap }) => {
    const lines = oddTexts.map(([before, after], seq) => makeLine(seq, { before, after }));
    const found = await readBack(
      lines.map(({ text }, index) => entry(wrap(text), { tNs: BigInt(index + 1) * 1_000n })),
      { wrapper, lines },
    );
    expect(found.stored).toEqual(['0 exact', '1 exact', '2 exact', '3 exact']);
    expect(found.records.map(({ value }) => value)).toEqual([1_000, 2_000, 3_000, 4_000]);
    expect(found.records.map(({ atNs, bytes }) => [atNs, bytes])).toEqual(
      lines.map(({ text }) => [7, Buffer.byteLength(text)]),
    );
    expect(found).toMatchObject({ listedEntries: 4, deliveries: 4, echoes: 0, idLessEntries: 0 });
  });

  it.each(wrappings)('is called truncated or rewritten when it is, wrapped as %s', async (_, { wrapper, wrap }) => {
    const line = makeLine(4, { before: 'GET ', after: ' 200 and a long tail' });
    const texts = [line.text.slice(0, -5), line.text.replace('200', '404'), `${line.text}!`];
    const found = await readBack(
      texts.map((text) => entry(wrap(text))),
      { wrapper, lines: [line] },
    );
    expect(found.stored).toEqual(['4 truncated', '4 rewritten', '4 rewritten']);
    expect(found.echoed).toEqual([]);
  });

  it('is called rewritten when bytes that are not UTF-8 came back as replacement characters', async () => {
    const line = makeLine(1, { before: 'x', after: ' tail' });
    const written = { ...line.written, detail: 1, crc: 5 };
    const shown = line.text.replace('x', '\uFFFD');
    expect((await readBack([entry(shown)], { lines: [{ ...line, written }] })).stored).toEqual(['1 rewritten']);
  });

  it('is also recognised bare where an entry is not wrapped as learned', async () => {
    const line = makeLine(1);
    const { stored } = await readBack([entry(line.text)], { lines: [line], wrapper: { kind: 'json', key: 'log' } });
    expect(stored).toEqual(['1 exact']);
  });

  it('is taken by its id alone where the wrapper was not learned, and quotations of several are not', async () => {
    const [one, two] = [makeLine(1), makeLine(2)];
    const found = await readBack([entry(`<<${one.text}>>`), entry(`<<${one.text}|${two.text}>>`)], {
      lines: [one, two],
      wrapper: { kind: 'unlearnable' },
    });
    expect(found.stored).toEqual(['1 unverified']);
    expect(found.echoed).toEqual(['1 of 2', '2 of 2']);
  });

  it('is recorded for each copy', async () => {
    const line = makeLine(0);
    const found = await readBack([entry(line.text), entry(line.text)], { lines: [line] });
    expect(found).toMatchObject({ deliveries: 2, stored: ['0 exact', '0 exact'] });
  });

  it('belongs to the app with the longer name where one name begins with another', async () => {
    const lines = [makeLine(3, { app: 'web' }), makeLine(4, { app: 'web-1' })];
    const found = await readBack(
      lines.map(({ text }) => entry(text)),
      { lines, apps: ['web', 'web-1'] },
    );
    expect(found.stored).toEqual(['3 exact', '4 exact']);
  });
});

describe('quotations', () => {
  const [one, two] = [makeLine(1), makeLine(2, { app: 'other' })];
  const lines = [one, two];

  it.each(wrappings)('an error that quotes a line is an echo and stores nothing, wrapped as %s', async (_, form) => {
    const texts = [`push failed: "${one.text}"`, `push failed: ${JSON.stringify({ line: one.text })}`];
    const found = await readBack(
      texts.map((text) => entry(form.wrap(text))),
      { lines, wrapper: form.wrapper },
    );
    expect(found).toMatchObject({ deliveries: 0, echoes: 2, echoed: ['1 of 1', '1 of 1'] });
  });

  it('merged lines are an echo of each and stored for none', async () => {
    const found = await readBack([entry(`${one.text}\n${two.text}`), entry(`${two.text}${one.text}`)], { lines });
    expect(found).toMatchObject({ deliveries: 0, echoes: 2, stored: [] });
    expect(found.echoed.sort()).toEqual(['1 of 2', '1 of 2', '2 of 2', '2 of 2']);
    expect(found.records.map(({ value }) => value)).toEqual([1, 1, 1, 1]);
  });

  it.each(wrappings)('pieces of two lines in one entry are merged, wrapped as %s', async (_, { wrapper, wrap }) => {
    const long = [makeLine(3, { after: 'x'.repeat(30_000) }), makeLine(4, { app: 'other', after: 'y'.repeat(30_000) })];
    const [ours, theirs] = long.map(({ text }) => cutInPieces(text));
    const found = await readBack([entry(wrap(ours![0]! + theirs![0]! + ours![1]!))], { lines: long, wrapper });
    expect(found.records.map(({ seq, value }) => [seq, value])).toEqual([
      [3, 1],
      [4, 1],
    ]);
  });

  it.each([
    ['an error before them', `push failed: ${one.text} ${two.text}`],
    ['their ids alone', `${one.id} ${two.id}`],
    ['a line twice', `${one.text} ${one.text}`],
  ])('an entry of %s quotes lines and merges none', async (_, text) => {
    const { records } = await readBack([entry(text)], { lines });
    expect(records.map(({ kind, value }) => [kind, value])).toEqual(records.map(() => [LINE_KINDS.echoed, 0]));
    expect(records.length).toBeGreaterThan(0);
  });

  it('an id that stands twice in an entry is quoted once, and the entry is not the line', async () => {
    const found = await readBack([entry(`${one.text} ${one.text}`)], { lines });
    expect(found).toMatchObject({ deliveries: 0, echoed: ['1 of 2'] });
  });

  it('an id in metadata alone is an echo', async () => {
    const found = await readBack([entry('retrying', { metadata: { body: one.text, n: '3' } })], { lines });
    expect(found).toMatchObject({ deliveries: 0, echoes: 1, echoed: ['1 of 1'], idLessEntries: 0 });
  });

  it('ids in metadata beside the very line do not hide it, and are echoes where they are of others', async () => {
    const found = await readBack(
      [
        entry(one.text, { metadata: { original: one.text } }),
        entry(two.text, { metadata: { previous: one.id } }),
        entry(`${two.text}!`, { metadata: { previous: one.id } }),
      ],
      { lines },
    );
    expect(found.stored).toEqual(['1 exact', '2 exact']);
    expect(found.echoed.sort()).toEqual(['1 of 2', '1 of 2', '2 of 2']);
  });
});

describe('entries that are no line', () => {
  it('canaries, foreign ids and texts without an id are counted apart', async () => {
    const strange = makeLine(1, { app: 'nobody' });
    const line = makeLine(1);
    const found = await readBack([entry(`lrs1-${RUN}-web-c2-10-00000000 x`), entry(strange.text), entry('hello')], {
      lines: [line],
    });
    expect(found).toMatchObject({
      canaries: { entries: 1 },
      foreignEntries: 1,
      foreignBytes: strange.text.length,
      idLessEntries: 1,
      idLessBytes: 5,
      idLessSamples: ['hello'],
      phantomSamples: [strange.text],
      deliveries: 0,
      echoes: 0,
    });
  });

  it('a line of a known app that was never written is stored and shown as a phantom', async () => {
    const phantom = makeLine(900);
    const found = await readBack([entry(phantom.text)], { lines: [makeLine(1)] });
    expect(found).toMatchObject({ stored: ['900 exact'], phantomSamples: [phantom.text] });
  });

  it('an id of another run is no id', async () => {
    const old = makeLine(1).text.replace(RUN, 'run000');
    expect(await readBack([entry(old)])).toMatchObject({ idLessEntries: 1, deliveries: 0 });
  });
});

describe('pieces of 16 KiB', () => {
  const long = (seq: number, bytes: number): MadeLine & { app: string } =>
    makeLine(seq, { after: ` ${String(seq).repeat(bytes)}` });

  it.each(wrappings)('are joined by stream and order and judged split, wrapped as %s', async (_, { wrapper, wrap }) => {
    const lines = [long(1, 40_000), long(2, 20_000)];
    const [first, second] = lines.map(({ text }) => cutInPieces(text));
    const other = { labels: { service: 'other' } };
    const found = await readBack(
      [
        entry(wrap(first![0]!)),
        entry(wrap(second![0]!), other),
        entry(wrap(first![1]!)),
        entry(wrap(second![1]!), other),
        entry(wrap(first![2]!)),
      ],
      { wrapper, lines },
    );
    expect(found.stored.sort()).toEqual(['1 split', '2 split']);
    expect(found).toMatchObject({ deliveries: 2, pieces: 3, idLessEntries: 0 });
    expect(found.records.map(({ bytes }) => bytes).sort()).toEqual(lines.map(({ text }) => text.length).sort());
  });

  it('are no whole line when one is missing, changed or in another stream', async () => {
    const line = long(1, 40_000);
    const [a, b, c] = cutInPieces(line.text) as [string, string, string];
    for (const pieces of [
      [entry(a), entry(c)],
      [entry(a), entry(b.replace('1', '2')), entry(c)],
      [entry(a), entry(b, { labels: { service: 'x' } }), entry(c)],
    ]) {
      const found = await readBack(pieces, { lines: [line] });
      expect(found.stored).toEqual(['1 truncated']);
      expect(found).toMatchObject({ deliveries: 1, pieces: 0, idLessEntries: pieces.length - 1 });
    }
  });

  it('keep their numbers of pieces out of the name of their stream', async () => {
    const line = long(1, 20_000);
    const [a, b] = cutInPieces(line.text) as [string, string];
    const piece = (n: string) => ({ labels: { service: 'web', partial_ordinal: n, partial_last: `${n === '2'}` } });
    expect((await readBack([entry(a, piece('1')), entry(b, piece('2'))], { lines: [line] })).stored).toEqual([
      '1 split',
    ]);
  });
});

describe('for any mix of entries', () => {
  const makers: ((seq: number) => SinkEntry)[] = [
    (seq) => entry(makeLine(seq).text),
    (seq) => entry(makeLine(seq).text.slice(0, -2)),
    (seq) => entry(`error: ${makeLine(seq).text}`),
    (seq) => entry(`${makeLine(seq).text}${makeLine(seq + 1).text}`),
    (seq) => entry('x', { metadata: { a: makeLine(seq).id } }),
    (seq) => entry(makeLine(seq).id.replace('-web-', '-nobody-')),
    (seq) => entry(makeLine(seq).id.replace('-web-', '-web-c')),
    () => entry('nothing'),
    (seq) => entry(cutInPieces(makeLine(seq, { after: 'y'.repeat(20_000) }).text)[0]!),
    (seq) => entry(cutInPieces(makeLine(seq, { after: 'y'.repeat(20_000) }).text)[1]!),
  ];
  const mix = fc.array(fc.tuple(fc.nat(makers.length - 1), fc.nat(30)), { maxLength: 80 });

  it('each is exactly one thing, and each delivery is a record', async () => {
    const lines = Array.from({ length: 20 }, (_, seq) =>
      makeLine(seq, seq % 3 === 0 ? { after: 'y'.repeat(20_000) } : {}),
    );
    await fc.assert(
      fc.asyncProperty(
        mix,
        fc.constantFrom<LineWrapper>({ kind: 'raw' }, { kind: 'unlearnable' }),
        async (plan, wrapper) => {
          const found = await readBack(
            plan.map(([maker, seq]) => makers[maker]!(seq)),
            { lines, wrapper },
          );
          const { deliveries, echoes, idLessEntries, canaries, pieces, foreignEntries } = found;
          expect(deliveries + echoes + idLessEntries + canaries.entries + pieces + foreignEntries).toBe(plan.length);
          expect(found.listedEntries).toBe(plan.length);
          expect(found.stored).toHaveLength(deliveries);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('a sink that breaks off is told, and what it gave before is on disk', async () => {
    const line = makeLine(0);
    const linesDir = mkdtempSync(join(root, 'run-'));
    const breaking = (async function* () {
      yield entry(line.text);
      throw new Error('connection lost');
    })();
    const written = await readWrittenLookup(createHistory([], { web: [line.written] }));
    await expect(
      classifyEntries({
        entries: breaking,
        run: RUN,
        apps: ['web'],
        wrapper: { kind: 'raw' },
        linesDir,
        written,
        nowNs: () => 1,
      }),
    ).rejects.toThrow('connection lost');
    expect(readRecords(join(linesDir, 'web.bin'))).toHaveLength(1);
  });
});
