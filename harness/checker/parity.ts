// Did every line arrive, once? Judges lost, rejected, duplicated and phantom lines each by itself: none is netted
// against another. What the witnesses disagree about is unknown, unless enough is lost whoever is right.

import { z } from 'zod';
import type { CheckResult, Finding } from '../model/finding.ts';
import type { Ledger } from '../model/ledger.ts';
import type { CheckerDefinition } from '../model/parts.ts';
import { describeCount, describeLines } from './describe.ts';
import { type Evidence, readEvidence } from './loss-evidence.ts';
import { describeLoss, type LossRow } from './loss-titles.ts';
import { createCheckerParams } from './params.ts';

const schema = z.strictObject({
  /** Lines that may be lost. */
  lostMax: z.number().min(0).default(0),
  /** Lines that the sink may refuse for good. */
  rejectedMax: z.number().min(0).default(0),
  /** Lines that may arrive twice, as a share of the written ones. */
  duplicatedMaxRatio: z.number().min(0).default(0.02),
});

type ParityParams = z.output<typeof schema>;

/** `parity`: lost, rejected, duplicated and phantom lines. */
export const parity: CheckerDefinition<ParityParams> = {
  name: 'parity',
  params: createCheckerParams('parity', schema),
  async check({ history, ledger, params, run }) {
    const numbers = measure(ledger);
    if (ledger.total.dueLines === 0 || ledger.total.writtenLines === 0) {
      const reason =
        ledger.total.dueLines === 0
          ? 'No line was due, so none could be lost.'
          : `Not one of ${describeLines(ledger.total.dueLines)} due was written.`;
      return { verdict: 'unknown', numbers, reasons: [reason, ...ledger.doubts], findings: [] };
    }
    const evidence = await readEvidence(history, run.loadStartNs);
    Object.assign(numbers, evidence.admitted.measure(ledger.total));
    const rows = joinWindows(ledger);
    const { total } = ledger;
    const toMs = run.endMs;
    const findings = [
      ...(total.lostLines > params.lostMax
        ? rows.filter((row) => !isRejected(row)).map((row) => describeLoss('lost', row, { evidence, run, total }))
        : []),
      ...(total.rejectedLines > params.rejectedMax
        ? rows.filter(isRejected).map((row) => describeLoss('rejected', row, { evidence, run, total }))
        : []),
      ...findDuplicates(ledger, params, { toMs, evidence }),
      ...findPhantoms(ledger, toMs),
    ];
    return conclude(ledger, { findings, numbers, params, rows });
  },
};

function measure({ total, lagMs }: Ledger): Record<string, number> {
  const {
    dueLines,
    writtenLines,
    storedLines,
    lostLines,
    rejectedLines,
    droppedLines,
    inFlightLines,
    unaccountedLines,
  } = total;
  const numbers: Record<string, number> = {
    dueLines,
    writtenLines,
    storedLines,
    lostLines,
    rejectedLines,
    droppedLines,
    inFlightLines,
    unaccountedLines,
  };
  Object.assign(numbers, {
    neverWrittenLines: total.neverWrittenLines,
    lostBytes: total.lostBytes,
    duplicatePushedLines: total.duplicatePushedLines,
    duplicateStoredLines: total.duplicateStoredLines,
    duplicatedRatio: measureDuplicates(total),
    phantomLines: total.phantomLines,
  });
  if (lagMs) Object.assign(numbers, { lagP50Ms: lagMs.p50, lagP99Ms: lagMs.p99, lagMaxMs: lagMs.max });
  return numbers;
}

/** Pushed twice and accepted, whether the sink hid it or not; where no push was recorded, stored twice. */
function measureDuplicates({ duplicatePushedLines, duplicateStoredLines, writtenLines }: Ledger['total']): number {
  return Math.max(duplicatePushedLines, duplicateStoredLines) / Math.max(1, writtenLines);
}

function conclude(
  ledger: Ledger,
  {
    findings,
    numbers,
    params,
    rows,
  }: { findings: Finding[]; numbers: Record<string, number>; params: ParityParams; rows: LossRow[] },
): CheckResult {
  const reasons = [...findings.map(({ title }) => title), ...ledger.doubts];
  if (ledger.doubts.length === 0)
    return { verdict: findings.length > 0 ? 'invalid' : 'valid', numbers, reasons, findings };
  // A line that the sink never accepted is missing whatever the listing says; one that it accepted is in doubt.
  const sureLost = rows
    .filter((row) => !isRejected(row) && !row.hop.endsWith('sink'))
    .reduce((sum, { lines }) => sum + lines, 0);
  return { verdict: sureLost > params.lostMax ? 'invalid' : 'unknown', numbers, reasons, findings };
}

/** Each row of the ledger's losses with its moment and apps. */
function joinWindows(ledger: Ledger): LossRow[] {
  return ledger.hops.map((loss, index) => {
    const sameRow = ledger.lossWindows[index];
    const isSame = sameRow?.hop === loss.hop && sameRow.reason === loss.reason;
    const window = isSame
      ? sameRow
      : ledger.lossWindows.find(({ hop, reason }) => hop === loss.hop && reason === loss.reason);
    return {
      ...loss,
      fromMs: window?.fromMs ?? 0,
      toMs: window?.toMs ?? 0,
      account: window?.account,
      apps: window?.apps ?? {},
    };
  });
}

function isRejected({ account, reason }: LossRow): boolean {
  return account === 'rejected' || (account === undefined && reason.startsWith('rejected'));
}

function findDuplicates(
  { total }: Ledger,
  params: ParityParams,
  { toMs, evidence }: { toMs: number; evidence: Evidence },
): Finding[] {
  const ratio = measureDuplicates(total);
  if (ratio <= params.duplicatedMaxRatio) return [];
  const lines = Math.max(total.duplicatePushedLines, total.duplicateStoredLines);
  const hidden = Math.max(0, total.duplicatePushedLines - total.duplicateStoredLines);
  return [
    {
      checker: 'parity',
      class: 'duplicated',
      hop: 'agent',
      severity: 'minor',
      title: `${describeLines(lines)} too many: the agent pushed ${(ratio * 100).toFixed(1)} % of the lines again after they had been accepted${hidden > 0 ? `, and the sink hid ${describeCount(hidden)} of the copies` : ''}`,
      fromMs: 0,
      toMs,
      numbers: {
        duplicatePushedLines: total.duplicatePushedLines,
        duplicateStoredLines: total.duplicateStoredLines,
        duplicatedRatio: ratio,
      },
      evidence: evidence.unanswered,
      remedy: {
        key: 'config',
        text: 'Give pushes a longer timeout than the sink needs at its slowest, so that an accepted push is not taken for a lost one',
      },
    },
  ];
}

function findPhantoms({ total, phantomSamples }: Ledger, toMs: number): Finding[] {
  if (total.phantomLines === 0) return [];
  return [
    {
      checker: 'parity',
      class: 'phantom',
      hop: phantomSamples[0]?.where ?? 'sink',
      severity: 'major',
      title: `${describeLines(total.phantomLines)} arrived that no app was ever due to write`,
      fromMs: 0,
      toMs,
      numbers: { phantomLines: total.phantomLines, phantomBytes: total.phantomBytes },
      evidence: [],
      remedy: null,
    },
  ];
}
