// A recorded history: what checkers are given, in order, and what they are told is missing.

import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { createPrng } from '../core/prng.ts';
import type { Event } from '../model/event.ts';
import { encodeLineRecord, LINE_KINDS, LINE_RECORD_BYTES, type LineRecord } from '../model/line-record.ts';
import { createLineWriter } from '../model/line-writer.ts';
import { createHistory, lineRecord, numberEvents } from '../testing/create-history.ts';
import { atMs, delivered, journey, loadStarted } from '../testing/journey.ts';
import { openHistory } from './recorded-history.ts';

const root = mkdtempSync(join(tmpdir(), 'larsen-history-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

type Recorded = { events?: Event[] | string | null; lines?: Record<string, LineRecord[]> };

/** Writes a run folder; `events` as text are written as they are, null: no file. */
function record({ events = [], lines = {} }: Recorded): string {
  const folder = mkdtempSync(join(root, 'run-'));
  mkdirSync(join(folder, 'lines'));
  if (events !== null)
    writeFileSync(
      join(folder, 'history.jsonl'),
      typeof events === 'string' ? events : events.map((event) => `${JSON.stringify(event)}\n`).join(''),
    );
  writeFileSync(join(folder, 'run.json'), JSON.stringify({ plan: { runName: 'run001' } }));
  for (const [app, records] of Object.entries(lines)) {
    const writer = createLineWriter(join(folder, 'lines', `${app}.bin`));
    for (const { kind, hop, detail, seq, atNs, value, bytes, crc } of records)
      writer.append(kind, hop, detail, seq, atNs, value, bytes, crc);
    writer.close();
  }
  return folder;
}

/** Everything a history gives, and its holes afterwards. */
async function readAll(folder: string) {
  const history = await openHistory(folder);
  const control = await collect(history.control());
  const records: Record<string, LineRecord[]> = {};
  for (const app of history.apps()) {
    const list: LineRecord[] = [];
    await history.lines(app, (one) => list.push({ ...one }));
    records[app] = list;
  }
  const merged = await collect(history);
  return { apps: history.apps(), control, records, merged, holes: history.holes() };
}

async function collect(events: AsyncIterable<Event>): Promise<Event[]> {
  const all: Event[] = [];
  for await (const event of events) all.push(event);
  return all;
}

const probe = (n: number, ms: number): Event => ({ n, atNs: atMs(ms), kind: 'probe', hop: 'app', data: { n } });
const started: Event = { ...loadStarted(), n: 1 };

describe('a whole history', () => {
  it('gives back control events and records as they were written', async () => {
    const events = [started, probe(2, 1), probe(3, 2)];
    const lines = { web: delivered(0).records, 'a-b': delivered(1).records };
    const { apps, control, records, holes } = await readAll(record({ events, lines }));
    expect(apps).toEqual(['a-b', 'web']);
    expect(control).toEqual(events);
    expect(records).toEqual(lines);
    expect(holes).toEqual([]);
  });

  it('needs no lines at all, and no records in a lines file', async () => {
    const folder = record({ events: [started], lines: { web: [] } });
    expect(await readAll(folder)).toMatchObject({ apps: ['web'], records: { web: [] }, merged: [started], holes: [] });
    rmSync(join(folder, 'lines'), { recursive: true });
    expect(await readAll(folder)).toMatchObject({ apps: [], holes: [] });
  });

  it('merges control and line events by time, though both were written in another order', async () => {
    const events = [started, probe(2, 9), probe(3, 4), probe(4, 30)];
    const web = journey(0, 5).planned().written({ tookMs: 20 }).sent().pushed(204).stored().records;
    // Planned and begun at the same instant: those keep the order of the file.
    const late = [...web.slice(2).reverse(), ...web.slice(0, 2)];
    const { merged } = await readAll(record({ events, lines: { web: late } }));
    expect(merged.map(({ kind, n }) => `${kind} ${n}`)).toEqual([
      'phase 1',
      'probe 3',
      'planned -1',
      'write-begin -1',
      'probe 2',
      'write-end -1',
      'driver-sent -1',
      'push -1',
      'stored -1',
      'probe 4',
    ]);
    expect(merged.find(({ kind }) => kind === 'push')).toMatchObject({
      id: 'lrs1-run001-web-0',
      app: 'web',
      hop: 'sink',
      data: { seq: 0, status: 204, push: 1, idsInEntry: 1 },
    });
  });

  it('tells the beginning of a write once, though it was recorded open and again when it ended', async () => {
    const open = { atNs: atMs(5), value: 0, bytes: 10 };
    const web = [
      lineRecord(LINE_KINDS.written, 0, open),
      lineRecord(LINE_KINDS.written, 0, { ...open, value: atMs(900) }),
    ];
    const { merged } = await readAll(record({ events: [started], lines: { web } }));
    expect(merged.slice(1).map(({ kind, atNs }) => [kind, atNs])).toEqual([
      ['write-begin', atMs(5)],
      ['write-end', atMs(900)],
    ]);
  });

  it('is the history in memory that tests of checkers use, event by event', async () => {
    const steps = fc.array(fc.nat(5), { minLength: 1, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(steps, fc.nat(), async (kinds, seed) => {
        const random = createPrng(seed);
        const events = numberEvents([
          loadStarted(),
          ...kinds.map((_, index) => ({ ...probe(0, 0), atNs: atMs(random.next() * 100), data: { index } })),
        ]);
        const web = kinds.flatMap((kind, seq) => {
          const line = journey(seq, random.next() * 100).planned();
          if (kind > 0) line.written({ tookMs: random.next() * 30, open: kind === 1 });
          if (kind > 2) line.sent();
          if (kind > 3) line.pushed(204, { hop: kind === 5 ? 'relay' : 'sink' });
          return (kind > 3 ? line.stored() : line).records;
        });
        const lines = { web: web.sort(() => random.next() - 0.5) };
        const { merged, holes } = await readAll(record({ events, lines }));
        const expected = await collect(createHistory(events, lines, { run: 'run001' }));
        const key = (event: Event): string => JSON.stringify(event);
        expect(merged.map(key).sort()).toEqual(expected.map(key).sort());
        const times = merged.map(({ atNs }) => atNs);
        expect(times).toEqual([...times].sort((a, b) => a - b));
        expect(holes).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });

  it('reads more records than fit into one block, to the last', async () => {
    const web = Array.from({ length: 70_000 }, (_, seq) =>
      lineRecord(LINE_KINDS.driverSent, seq, { atNs: atMs(70_000 - seq) }),
    );
    const history = await openHistory(record({ events: [started], lines: { web } }));
    let next = 0;
    await history.lines('web', ({ seq }) => {
      if (seq === next) next++;
    });
    expect(next).toBe(70_000);
    const seqs: number[] = [];
    for await (const { data } of history) if (data?.seq !== undefined) seqs.push(data.seq as number);
    expect(seqs).toEqual(Array.from({ length: 70_000 }, (_, index) => 69_999 - index));
  });

  it('closes its files when a reader stops in the middle', async () => {
    const history = await openHistory(record({ events: [started], lines: { web: delivered(0).records } }));
    for await (const event of history) if (event.kind === 'planned') break;
    expect((await collect(history)).length).toBeGreaterThan(3);
  });
});

describe('what is missing is told', () => {
  const text = (events: Event[]): string => events.map((event) => `${JSON.stringify(event)}\n`).join('');

  it.each<[string, Recorded['events'], string[], number]>([
    [
      'a torn last line',
      `${text([started, probe(2, 1)])}{"n":3,"atNs":50`,
      ['The last line of history.jsonl is torn.'],
      2,
    ],
    [
      'a line that is no event',
      `${text([started])}hello\n${text([probe(2, 1)])}`,
      [`history.jsonl holds a line at byte ${text([started]).length} that is no event.`],
      2,
    ],
    ['one number', [started, probe(3, 1)], ['Event 2 is missing.'], 2],
    [
      'several numbers, twice',
      [started, probe(4, 1), probe(7, 2)],
      ['Events 2 to 3 are missing.', 'Events 5 to 6 are missing.'],
      3,
    ],
    ['the first number', [probe(2, 1)], ['Event 1 is missing.'], 1],
    ['a number again', [started, probe(2, 1), probe(2, 2)], ['Event 2 comes after event 2.'], 3],
    [
      'a number again, after which all is well',
      [started, probe(2, 1), probe(3, 2), probe(2, 3), probe(4, 4)],
      ['Event 2 comes after event 3.'],
      5,
    ],
    ['the whole file', null, ['history.jsonl is missing.'], 0],
  ])('%s', async (_, events, holes, count) => {
    const all = await readAll(record({ events: events as Event[] }));
    expect(all.holes).toEqual(holes);
    expect(all.control).toHaveLength(count);
    expect(all.merged).toHaveLength(count);
  });

  it('but the last event needs no newline, and numbers may begin at 0', async () => {
    expect(await readAll(record({ events: text([started, probe(2, 1)]).trimEnd() }))).toMatchObject({ holes: [] });
    expect(await readAll(record({ events: [{ ...started, n: 0 }, probe(1, 1)] }))).toMatchObject({ holes: [] });
  });

  it('a torn record: those before it are read', async () => {
    const folder = record({ events: [started], lines: { web: delivered(0).records } });
    appendFileSync(join(folder, 'lines', 'web.bin'), Buffer.alloc(LINE_RECORD_BYTES - 1, 1));
    const { records, holes } = await readAll(folder);
    expect(records.web).toEqual(delivered(0).records);
    expect(holes).toEqual(['The last record of lines/web.bin is torn.']);
  });

  it('a record of an unknown kind: the others are read', async () => {
    const folder = record({ events: [started], lines: { web: delivered(0).records } });
    const odd = Buffer.alloc(LINE_RECORD_BYTES);
    const view = new DataView(odd.buffer, odd.byteOffset, odd.length);
    for (const kind of [0, 200]) {
      encodeLineRecord(view, 0, kind, 0, 0, 0, 0, 0, 0, 0);
      appendFileSync(join(folder, 'lines', 'web.bin'), odd);
    }
    const { records, holes, merged } = await readAll(folder);
    expect(records.web).toEqual(delivered(0).records);
    expect(holes).toEqual(['lines/web.bin holds 2 records of an unknown kind.']);
    expect(merged).toHaveLength(1 + 6);
  });

  it('once, however often the history is read', async () => {
    const history = await openHistory(record({ events: [started, probe(3, 1)] }));
    for (let pass = 0; pass < 3; pass++) await collect(history.control());
    expect(history.holes()).toHaveLength(1);
  });

  it('wherever one event of many is taken out', async () => {
    const length = 200;
    const events = [started, ...Array.from({ length }, (_, index) => probe(index + 2, index))];
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: length - 1 }), async (index) => {
        const { holes } = await readAll(record({ events: events.filter((_, at) => at !== index) }));
        expect(holes).toEqual([`Event ${index + 1} is missing.`]);
      }),
      { numRuns: 20 },
    );
  });
});
