// The ledger: each account by an example, then the laws that hold for any mix of journeys.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Event } from '../model/event.ts';
import { LEDGER_COUNTS } from '../model/ledger.ts';
import type { ReadBackFacts } from '../model/run-record.ts';
import { createHistory, numberEvents } from '../testing/create-history.ts';
import { atMs, delivered, type Journey, journey, LOAD_START_NS, loadStarted } from '../testing/journey.ts';
import { closeLedger } from './accounts.ts';
import type { LedgerInput } from './ledger-input.ts';

type Options = Partial<Omit<LedgerInput, 'history'>> & { events?: Omit<Event, 'n'>[]; holes?: string[] };

function agreeing(journeys: Record<string, Journey[]>): ReadBackFacts {
  const stored = Object.values(journeys)
    .flat()
    .flatMap(({ records }) => records.filter(({ kind }) => kind === 7)).length;
  return {
    listedEntries: stored,
    countedEntries: stored,
    deliveries: stored,
    echoes: 0,
    idLessEntries: 0,
    phantomSamples: [],
  };
}

async function close(journeys: Record<string, Journey[]>, { events = [], holes = [], ...options }: Options = {}) {
  const lines = Object.fromEntries(
    Object.entries(journeys).map(([app, list]) => [app, list.flatMap(({ records }) => records)]),
  );
  return closeLedger({
    history: createHistory(numberEvents([loadStarted(), ...events]), lines, { run: 'run001', holes }),
    apps: Object.keys(journeys).map((name) => ({ name, reportsWrites: true, http: false })),
    run: 'run001',
    loadStartNs: LOAD_START_NS,
    readBack: agreeing(journeys),
    ...options,
  });
}

/** Closes a ledger over one odd line among delivered ones, and returns that line's entry. */
async function entryOf(odd: Journey, options?: Options) {
  const ledger = await close({ web: [delivered(0), odd, delivered(2)] }, options);
  expect(ledger.total.dueLines).toBe(3);
  expect(ledger.total.storedLines).toBe(2);
  const entries = [...ledger.entries()];
  expect(entries).toHaveLength(1);
  return entries[0]!;
}

const push = (data: object): Omit<Event, 'n'> => ({ kind: 'push', hop: 'sink', atNs: atMs(50), data: { ...data } });
const sent = (): Journey => journey(1).planned().written().sent();

describe('accounts of a line', () => {
  it('counts a delivered line as stored and names nothing', async () => {
    const ledger = await close({ web: [delivered(0), delivered(1)] });
    expect(ledger.total).toMatchObject({
      dueLines: 2,
      writtenLines: 2,
      storedLines: 2,
      lostLines: 0,
      storedBytes: 200,
    });
    expect([...ledger.entries()]).toEqual([]);
    expect(ledger.doubts).toEqual([]);
    expect(ledger.lagMs!.max).toBeGreaterThan(0);
  });

  it.each([
    ['a line never written', journey(1).planned(), 'neverWritten', 'app', 'never written'],
    ['a request not sent', journey(1).planned().notSent(), 'neverWritten', 'app', 'request not sent in time'],
    ['an open write', journey(1).planned().written({ open: true }), 'inFlight', 'app', 'write still open'],
    ['a written line nobody saw', journey(1).planned().written(), 'inFlight', 'driver', 'in the pipe to the driver'],
    ['a held line', journey(1).planned().written().held('ring'), 'inFlight', 'driver', "in the driver's ring"],
    ['a dropped line', journey(1).planned().written().dropped('ring-full'), 'dropped', 'driver', 'ring-full'],
    ['a line that vanished in the agent', sent(), 'unaccounted', 'agent', 'never pushed'],
    ['a batch refused with 500', sent().pushed(500), 'unaccounted', 'agent', 'refused 500, not retried'],
    [
      'a batch refused with 429 after a 500',
      sent().pushed(500).pushed(429),
      'unaccounted',
      'agent',
      'refused 429, not retried',
    ],
    ['a push without answer', sent().pushed(0), 'unaccounted', 'agent', 'no answer, not retried'],
    ['a batch refused as unreadable', sent().pushed(400), 'unaccounted', 'agent', 'refused 400 as a whole'],
    ['a batch that is too large', sent().pushed(413), 'unaccounted', 'agent', 'refused 413 as a whole'],
    ['an accepted line the sink lost', sent().pushed(500).pushed(204), 'unaccounted', 'sink', 'accepted, not stored'],
    [
      'a line lost in the relay',
      sent().pushed(204, { hop: 'relay' }),
      'unaccounted',
      'relay',
      'accepted by the relay, never pushed on',
    ],
    [
      'a relay that gives up',
      sent().pushed(204, { hop: 'relay' }).pushed(503),
      'unaccounted',
      'relay',
      'refused 503, not retried',
    ],
    [
      'a push refused by the relay',
      sent().pushed(503, { hop: 'relay' }),
      'unaccounted',
      'agent',
      'refused 503, not retried',
    ],
    [
      'a line that is only quoted',
      sent().pushed(204).echoed(1),
      'unaccounted',
      'agent',
      'only quoted in other entries',
    ],
    ['a line pushed only in a quotation', sent().pushed(204, { ids: 40 }), 'unaccounted', 'agent', 'never pushed'],
  ])('%s', async (_, odd, account, hop, reason) => {
    expect(await entryOf(odd)).toMatchObject({ account, hop, reason, app: 'web', seq: 1 });
  });

  it('calls a 400 a rejection only if its text names a line error or neighbours were stored', async () => {
    const refused = (): Journey => sent().pushed(400, { push: 7 });
    const tooLong = push({
      push: 7,
      status: 400,
      entries: 2,
      refusal: "max entry size '262144' bytes exceeded for stream",
    });
    expect(await entryOf(refused(), { events: [tooLong] })).toMatchObject({
      account: 'rejected',
      reason: 'rejected: line too long',
    });
    const neighbour = journey(0).planned().written().sent().pushed(400, { push: 7 }).stored();
    const ledger = await close({
      web: [neighbour, refused()],
      other: [journey(0).planned().written().sent().pushed(400, { push: 8 })],
    });
    expect(ledger.total).toMatchObject({ rejectedLines: 1, unaccountedLines: 1, lostLines: 1 });
    expect(ledger.apps.other).toMatchObject({ rejectedLines: 0, unaccountedLines: 1 });
  });

  it('closes no account over a line whose last answer is retryable, though an earlier push of it was partly refused', async () => {
    const neighbour = journey(0).planned().written().sent().pushed(400, { push: 7 }).stored();
    const retried = sent().pushed(400, { push: 7 }).pushed(503, { push: 8 });
    const ledger = await close({ web: [neighbour, retried] });
    expect(ledger.total).toMatchObject({ rejectedLines: 0, unaccountedLines: 1, lostLines: 1 });
    expect([...ledger.entries()]).toMatchObject([{ seq: 1, hop: 'agent', reason: 'refused 503, not retried' }]);
  });

  it('takes a 413 of a single line as the refusal of that line', async () => {
    const alone = push({ push: 1, status: 413, entries: 1, refusal: 'request body too large' });
    expect(await entryOf(sent().pushed(413), { events: [alone] })).toMatchObject({ account: 'rejected' });
  });

  it('counts a line that was refused for good and then lost by a retryable answer as lost', async () => {
    const tooOld = push({ push: 1, status: 400, entries: 9, refusal: 'entry for stream has timestamp too old' });
    expect(await entryOf(sent().pushed(400).pushed(503, { push: 2 }), { events: [tooOld] })).toMatchObject({
      account: 'unaccounted',
      hop: 'agent',
    });
  });

  it('widens the hop to the driver when the path broke after the line was sent, and only then', async () => {
    const died = (ms: number): Omit<Event, 'n'> => ({
      kind: 'process',
      hop: 'agent',
      atNs: atMs(ms),
      data: { role: 'agent', name: 'a', pid: 1, state: 'killed' },
    });
    expect(await entryOf(sent(), { events: [died(2)] })).toMatchObject({ hop: 'agent' });
    expect(await entryOf(sent(), { events: [died(60)] })).toMatchObject({ hop: 'driver..agent' });
    const broken = {
      kind: 'probe',
      hop: 'driver',
      atNs: atMs(60),
      data: { probe: 'driver-state', loggers: [{ app: 'web', state: 'reconnecting' }] },
    } as const;
    expect(await entryOf(sent(), { events: [broken] })).toMatchObject({ hop: 'driver..agent' });
  });

  it('does not take the asked-for end of the agent for a death', async () => {
    const end: Omit<Event, 'n'>[] = [
      { kind: 'phase', hop: 'app', atNs: atMs(90), data: { phase: 'stop' } },
      {
        kind: 'process',
        hop: 'agent',
        atNs: atMs(95),
        data: { role: 'agent', name: 'a', pid: 1, state: 'exited', code: 0 },
      },
    ];
    expect(await entryOf(sent(), { events: end })).toMatchObject({ hop: 'agent' });
  });

  it('gives a range where no one can see inside', async () => {
    const unseen = journey(1).planned().written();
    expect(await entryOf(unseen, { pluginDriver: true })).toMatchObject({
      account: 'unaccounted',
      hop: 'driver..agent',
    });
    expect(await entryOf(sent(), { relay: true })).toMatchObject({ hop: 'agent..relay' });
    expect(await entryOf(sent(), { recordingHop: false })).toMatchObject({ hop: 'agent..sink', reason: 'not stored' });
  });

  it('owes a line for each answered request of an app that does not report its writes', async () => {
    const requests = [
      journey(0).planned().answered(),
      journey(1).planned().failed(),
      journey(2).planned().answered().pushed(204).stored(),
    ];
    const ledger = await close(
      { web: requests },
      { apps: [{ name: 'web', reportsWrites: false, http: true }], pluginDriver: true },
    );
    expect(ledger.total).toMatchObject({
      dueLines: 3,
      neverWrittenLines: 1,
      writtenLines: 2,
      storedLines: 1,
      unaccountedLines: 1,
    });
    expect([...ledger.entries()][0]!.id).toBe('lrs1-run001-web-0-0-00000000');
  });

  it('finds an answered request of an own app whose line still waits inside the app', async () => {
    const ledger = await close(
      { web: [journey(0).planned().answered()] },
      { apps: [{ name: 'web', reportsWrites: true, http: true }] },
    );
    expect([...ledger.entries()][0]).toMatchObject({
      account: 'inFlight',
      hop: 'app',
      reason: "in the app's own queue",
    });
  });

  it('names a line by its whole id where a witness saw the id', async () => {
    expect((await entryOf(journey(1).planned().written().sent(0xabc))).id).toBe('lrs1-run001-web-1-100-00000abc');
    expect((await entryOf(sent())).id).toBe('lrs1-run001-web-1');
  });
});

describe('what stands beside the accounts', () => {
  it('counts duplicates apart: one never hides a loss', async () => {
    const twice = journey(0).planned().written().sent().pushed(204).pushed(204).stored().stored();
    const ledger = await close({ web: [twice, sent()] });
    expect(ledger.total).toMatchObject({
      storedLines: 1,
      lostLines: 1,
      duplicatePushedLines: 1,
      duplicateStoredLines: 1,
    });
    expect([...ledger.entries()].map(({ seq, account }) => [seq, account])).toEqual([
      [0, 'stored'],
      [1, 'unaccounted'],
    ]);
  });

  it('counts truncated, rewritten and reordered lines', async () => {
    const late = journey(2).planned().written().sent().pushed(204).stored('rewritten', { timestampMs: 0.5 });
    const ledger = await close({
      web: [delivered(0), journey(1).planned().written().sent().pushed(204).stored('truncated'), late],
    });
    expect(ledger.total).toMatchObject({ truncatedLines: 1, corruptedLines: 1, reorderedLines: 1 });
  });

  it('does not call requests that end in another order reordered', async () => {
    const slow = journey(0, 50).planned().written().sent().pushed(204).stored('exact', { timestampMs: 50 });
    const quick = journey(1, 10).planned().written().sent().pushed(204).stored('exact', { timestampMs: 10 });
    expect((await close({ web: [slow, quick] })).total.reorderedLines).toBe(0);
  });

  it('counts ids that were never planned as phantoms, however large', async () => {
    const ledger = await close({ web: [delivered(0), journey(5).pushed(204), journey(4_000_000_000).pushed(204)] });
    expect(ledger.total).toMatchObject({ dueLines: 1, phantomLines: 2, lostLines: 0 });
  });

  it('counts anonymous lines once, open or ended', async () => {
    const anonymous = journey(0);
    anonymous.records.push(
      { kind: 12, hop: 0, detail: 65_535, seq: 0, atNs: atMs(1), value: 0, bytes: 5, crc: 9 },
      { kind: 12, hop: 0, detail: 65_535, seq: 0, atNs: atMs(1), value: atMs(2), bytes: 5, crc: 9 },
    );
    expect((await close({ web: [delivered(0), anonymous] })).total).toMatchObject({
      anonymousLines: 1,
      anonymousBytes: 5,
      dueLines: 1,
    });
  });

  it('does not count a quoted line as pushed twice', async () => {
    const quoted = journey(0).planned().written().sent().pushed(204).pushed(204).stored().echoed(1);
    expect((await close({ web: [quoted] })).total.duplicatePushedLines).toBe(0);
  });
});

describe('doubts', () => {
  const facts = (changes: Partial<ReadBackFacts>): ReadBackFacts => ({
    ...agreeing({ web: [delivered(0)] }),
    ...changes,
  });

  it.each([
    ['listing and count disagree', { readBack: facts({ countedEntries: 2 }) }, /lists 1 entries but counts 2/],
    ['the listing lost records', { readBack: facts({ deliveries: 3 }) }, /found 3 lines, but 1 are recorded/],
    ['the sink could not be read', { readBack: null }, /could not be read back/],
    ['the history has holes', { holes: ['Event 7 is missing.'] }, /Event 7 is missing/],
  ])('%s', async (_, options, doubt) => {
    expect((await close({ web: [delivered(0)] }, options)).doubts).toEqual([expect.stringMatching(doubt)]);
  });

  it('a line is stored though nobody saw it pushed', async () => {
    const ledger = await close({ web: [journey(0).planned().written().sent().stored()] });
    expect(ledger.doubts).toEqual([expect.stringMatching(/1 lines of web are stored though no push/)]);
  });

  it('explains a higher count by copies that the listing hides, unless a line is missing from the listing', async () => {
    const twice = journey(0).planned().written().sent().pushed(204).pushed(204).stored();
    const readBack = facts({ countedEntries: 2 });
    expect((await close({ web: [twice] }, { readBack })).doubts).toEqual([]);
    expect((await close({ web: [twice, sent().pushed(204)] }, { readBack })).doubts).toHaveLength(1);
  });

  it('explains it too by copies of what has no id, as many as were accepted and no more', async () => {
    const own = (ownEntries: number, status = 204) => push({ push: 1, status, entries: ownEntries, ownEntries });
    const doubtsWith = async (events: Omit<Event, 'n'>[], lines = [delivered(0)]) =>
      (
        await close(
          { web: lines },
          { readBack: facts({ countedEntries: 5, listedEntries: 2, idLessEntries: 1 }), events },
        )
      ).doubts.length;
    expect(await doubtsWith([own(4)])).toBe(0);
    expect(await doubtsWith([own(3)])).toBe(1);
    expect(await doubtsWith([own(4, 500)])).toBe(1);
    expect(await doubtsWith([])).toBe(1);
    expect(await doubtsWith([own(4)], [delivered(0), sent().pushed(204)])).toBe(1);
  });

  it('an app of which the sink holds quotations only', async () => {
    const quoted = [0, 1, 2].map((seq) => journey(seq).planned().written().sent().pushed(204, { ids: 2 }).echoed(2));
    expect((await close({ web: quoted })).doubts).toEqual([
      expect.stringMatching(/ids of 3 lines of web and not one as the line itself/),
    ]);
  });

  it('says nothing of quotations that stood in refused pushes only: the sink holds none of them', async () => {
    const refused = [0, 1, 2].map((seq) => journey(seq).planned().written().sent().pushed(500, { ids: 3 }));
    const ledger = await close({ web: refused });
    expect(ledger.doubts).toEqual([]);
    expect(ledger.total).toMatchObject({ lostLines: 3, unaccountedLines: 3 });
  });

  it('quotations do not stand in for pushes of the line: a stored line nobody pushed is still told', async () => {
    const seen = journey(0).planned().written().sent().pushed(204, { ids: 2 }).stored();
    const seenToo = journey(2).planned().written().sent().pushed(204, { ids: 2 }).stored();
    const unseen = journey(1).planned().written().sent().stored().echoed(2);
    expect((await close({ web: [seen, unseen, seenToo] })).doubts).toEqual([
      expect.stringMatching(/1 lines of web are stored though no push/),
    ]);
  });

  it.each([
    [1, 0],
    [2, 1],
  ])('of four lines %i quoted ones make %i doubt: half of what was written', async (quotedLines, doubts) => {
    const lines = [0, 1, 2, 3].map((seq) => {
      const line = journey(seq).planned().written().sent().pushed(204, { ids: 2 });
      return seq < quotedLines ? line.echoed(2) : line;
    });
    expect((await close({ web: lines })).doubts).toHaveLength(doubts);
  });
});

describe('laws for any mix of journeys', () => {
  const steps: ((line: Journey) => Journey)[] = [
    (line) => line.written(),
    (line) => line.written({ open: true }),
    (line) => line.read(),
    (line) => line.sent(),
    (line) => line.dropped('queue-full'),
    (line) => line.held('queue'),
    (line) => line.pushed(204, { push: 1 }),
    (line) => line.pushed(500, { push: 2 }),
    (line) => line.pushed(400, { push: 3 }),
    (line) => line.pushed(204, { hop: 'relay' }),
    (line) => line.pushed(204, { ids: 3 }),
    (line) => line.stored(),
    (line) => line.echoed(1),
    (line) => line.answered(),
    (line) => line.failed(),
  ];
  const mix = fc.array(fc.tuple(fc.boolean(), fc.array(fc.nat(steps.length - 1), { maxLength: 8 })), {
    maxLength: 200,
  });
  const walk = (plan: [boolean, number[]][]): Journey[] =>
    plan.map(([isPlanned, list], seq) => {
      const line = journey(seq);
      if (isPlanned) line.planned();
      for (const step of list) steps[step]!(line);
      return line;
    });

  it('every due line is in exactly one account, and lost = dropped + in flight + unaccounted', async () => {
    await fc.assert(
      fc.asyncProperty(mix, async (plan) => {
        const { total, hops, entries } = await close({ web: walk(plan) });
        for (const unit of ['Lines', 'Bytes'] as const) {
          expect(total[`due${unit}`]).toBe(total[`neverWritten${unit}`] + total[`written${unit}`]);
          expect(total[`written${unit}`]).toBe(
            total[`stored${unit}`] + total[`rejected${unit}`] + total[`lost${unit}`],
          );
          expect(total[`lost${unit}`]).toBe(
            total[`dropped${unit}`] + total[`inFlight${unit}`] + total[`unaccounted${unit}`],
          );
          expect(hops.reduce((sum, hop) => sum + hop[unit === 'Lines' ? 'lines' : 'bytes'], 0)).toBe(
            total[`lost${unit}`] + total[`rejected${unit}`],
          );
        }
        for (const count of LEDGER_COUNTS) expect(total[`${count}Lines`]).toBeGreaterThanOrEqual(0);
        const notOnce = [...entries()];
        expect(notOnce).toHaveLength(
          total.dueLines - total.storedLines + notOnce.filter(({ account }) => account === 'stored').length,
        );
        expect(new Set(notOnce.map(({ seq }) => seq)).size).toBe(notOnce.length);
      }),
    );
  });

  it('the accounts do not depend on the order in which witnesses wrote their records', async () => {
    const shuffled = fc.tuple(
      fc.array(fc.nat(4), { minLength: 1, maxLength: 60 }),
      fc.infiniteStream(fc.nat(1_000_000)),
    );
    await fc.assert(
      fc.asyncProperty(shuffled, async ([kinds, keys]) => {
        const make = (): Journey[] =>
          kinds.map((kind, seq) => {
            if (kind === 0) return delivered(seq);
            if (kind === 1) return journey(seq).planned().written().sent();
            if (kind === 2) return journey(seq).planned().written().dropped('ring-full');
            return kind === 3 ? journey(seq).planned().written().sent().pushed(500) : journey(seq).planned();
          });
        const ordered = make();
        const mixed = journey(0);
        const records = ordered
          .flatMap((line) => line.records)
          .map((record) => ({ record, key: keys.next().value as number }));
        mixed.records.push(...records.sort((a, b) => a.key - b.key).map(({ record }) => record));
        expect((await close({ web: [mixed] })).total).toEqual((await close({ web: make() })).total);
      }),
    );
  });

  it('one missing line is one lost line, whatever duplicates stand beside it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 2, max: 300 }), fc.nat(), fc.nat(), async (length, lostAt, twiceAt) => {
        const lines = Array.from({ length }, (_, seq) => delivered(seq));
        const lost = lostAt % length;
        const twice = twiceAt % length;
        lines[twice]!.pushed(204).stored();
        lines[lost] = journey(lost).planned().written().sent();
        const { total, entries } = await close({ web: lines });
        expect(total.lostLines).toBe(1);
        expect([...entries()].filter(({ account }) => account === 'unaccounted').map(({ seq }) => seq)).toEqual([lost]);
        expect(total.duplicateStoredLines).toBe(twice === lost ? 0 : 1);
      }),
    );
  });
});
