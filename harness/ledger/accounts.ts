// Closes the ledger of a run: every due line in exactly one account, by its own id, from what the witnesses
// recorded. One streaming pass over the records of each app; a loss is never netted against a duplicate.
//
//   due = never written + written      written = stored + rejected + dropped + in flight + unaccounted
//   lost = dropped + in flight + unaccounted

import { freeMemory } from '../core/free-memory.ts';
import { createLedgerTotals, type HopLoss, type Ledger, type LedgerTotals } from '../model/ledger.ts';
import type { ReadBackFacts } from '../model/run-record.ts';
import { type ClosedApp, closeApp } from './close-app.ts';
import { AppColumns } from './columns.ts';
import { type ControlFacts, readControlFacts } from './control-facts.ts';
import { findDoubts } from './doubts.ts';
import { listEntries, readIdSums } from './entries.ts';
import type { JudgeContext, LedgerApp } from './judge-line.ts';
import { createLagMeter, type LagMeter } from './lag.ts';
import type { LedgerInput } from './ledger-input.ts';
import { type Settled, settleStored } from './settle-stored.ts';
import { Tally } from './tally.ts';

/** Closes the ledger. Throws only when our own books do not close. */
export async function closeLedger(input: LedgerInput): Promise<Ledger> {
  const facts = await readControlFacts(input.history);
  const lag = createLagMeter();
  const read = await readTallies(input, facts, lag);
  if (read.some(({ settled }) => settled.totals.dueLines > MANY_LINES)) freeMemory();
  const contexts = read.map(({ context }) => context);
  const closed = read.map(({ context, settled }) => closeApp(context, settled));
  const idSums = await readIdSums(input.history, contexts);
  const groups = mergeGroups(closed);
  return {
    total: sumTotals(closed, input.readBack, facts),
    apps: Object.fromEntries(closed.map(({ context, totals }) => [context.app.name, totals])),
    hops: groups.map(({ hop, reason, lines, bytes }) => ({ hop, reason, lines, bytes })),
    entries: () => listEntries(contexts, { run: input.run, idSums }),
    lossWindows: groups.map(({ hop, reason, fromMs, toMs, account, apps }) => ({
      hop,
      reason,
      fromMs,
      toMs,
      account,
      apps,
    })),
    doubts: findDoubts(input, closed, facts),
    phantomSamples: describePhantoms(input.readBack, facts),
    lagMs: lag.describe(),
    ...(input.readBack && {
      unidentified: { entries: input.readBack.idLessEntries, bytes: input.readBack.idLessBytes ?? 0 },
    }),
  };
}

/** From here on the columns of an app are worth giving back at once: 26 MB. */
const MANY_LINES = 1_000_000;

/** Most lines leave five or six records, lost ones fewer: room that is never used costs no memory. */
const RECORDS_PER_LINE = 3;

type ReadApp = { context: JudgeContext; settled: Settled };

/**
 * Reads the records of every app and settles its stored lines; all are read before a missing one is judged, because a
 * push holds lines of several apps. The room that one app took is used again for the next.
 */
async function readTallies(input: LedgerInput, facts: ControlFacts, lag: LagMeter): Promise<ReadApp[]> {
  const { history, loadStartNs } = input;
  const withFile = new Set(history.apps());
  const tallies: { app: LedgerApp; tally: Tally; settled: Settled }[] = [];
  const room = new AppColumns();
  for (const app of input.apps) {
    const tally = new Tally({ loadStartNs, facts, onLag: lag.add, columns: room });
    if (withFile.has(app.name)) {
      room.expect(Math.ceil((history.recordCount?.(app.name) ?? 0) / RECORDS_PER_LINE));
      await history.lines(app.name, (record) => tally.visit(record));
    }
    const settled = settleStored(tally);
    tally.columns = room.takeOut(settled.kept);
    tallies.push({ app, tally, settled });
  }
  const seenRelay = tallies.some(({ tally }) => tally.seenRelayPush);
  const partialPushes = new Set(tallies.flatMap(({ settled }) => settled.partialPushes));
  return tallies.map(({ app, tally, settled }) => {
    const context: JudgeContext = {
      app,
      tally,
      pluginDriver: input.pluginDriver ?? false,
      relay: seenRelay ? 'seen' : input.relay ? 'unseen' : 'none',
      recordingHop: input.recordingHop ?? true,
      brokenAtNs: Math.max(facts.brokenNs.get(app.name) ?? 0, facts.agentDiedNs) - loadStartNs,
      partialPushes,
      kept: settled.kept,
    };
    return { context, settled };
  });
}

type MergedGroup = HopLoss & Required<Pick<Ledger['lossWindows'][number], 'account' | 'apps' | 'fromMs' | 'toMs'>>;

/** The losses of all apps by account, hop and reason, largest first. */
function mergeGroups(closed: ClosedApp[]): MergedGroup[] {
  const merged = new Map<string, MergedGroup>();
  for (const { context, groups } of closed) {
    for (const group of groups) {
      const key = `${group.account} ${group.hop} ${group.reason}`;
      const sum = merged.get(key) ?? { ...group, lines: 0, bytes: 0, apps: {} };
      merged.set(key, sum);
      sum.lines += group.lines;
      sum.bytes += group.bytes;
      sum.fromMs = Math.min(sum.fromMs, group.fromMs);
      sum.toMs = Math.max(sum.toMs, group.toMs);
      sum.apps[context.app.name] = group.lines;
    }
  }
  return [...merged.values()].sort((a, b) => b.lines - a.lines);
}

function sumTotals(closed: ClosedApp[], readBack: ReadBackFacts | null, { foreignIds }: ControlFacts): LedgerTotals {
  const total = createLedgerTotals();
  for (const { totals } of closed)
    for (const key of Object.keys(total) as (keyof LedgerTotals)[]) total[key] += totals[key];
  // Ids of no app of this run have no account of an app to stand in; pushes and sink mostly hold the same ones.
  total.phantomLines += Math.max(readBack?.foreignEntries ?? 0, foreignIds.size);
  total.phantomBytes += readBack?.foreignBytes ?? 0;
  return total;
}

function describePhantoms(readBack: ReadBackFacts | null, { foreignIds }: ControlFacts): Ledger['phantomSamples'] {
  const inSink = (readBack?.phantomSamples ?? []).map((text) => ({ where: 'sink' as const, text }));
  const inPushes = [...foreignIds].slice(0, 20).map(([text, where]) => ({ where, text }));
  return [...inSink, ...inPushes];
}
