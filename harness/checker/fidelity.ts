// Is each stored line the line that was written, in its place and at its time? Judged are the lines that arrived: what
// did not is parity's. Bytes are compared by the length and checksum of what was written; where nobody recorded these, it
// is unknown.

import { z } from 'zod';
import type { CheckResult, Finding } from '../model/finding.ts';
import type { Ledger } from '../model/ledger.ts';
import type { CheckerDefinition } from '../model/parts.ts';
import type { RunFacts } from '../model/run.ts';
import { agentHop } from './agent-hop.ts';
import { describeCount, describeLines, describeNames } from './describe.ts';
import { BROKEN_FORMS, type BrokenForm, type LineForms, readLineForms } from './line-forms.ts';
import { findMisdated } from './misdated.ts';
import { createCheckerParams, durationParam } from './params.ts';

const linesMax = z.number().min(0).default(0);

const schema = z.strictObject({
  /** Lines that may be stored cut short. */
  truncatedMax: linesMax,
  /** Lines that may stand in one entry with others. */
  mergedMax: linesMax,
  /** Lines that may be stored in pieces. */
  splitMax: linesMax,
  /** Lines that may be stored with other bytes. */
  rewrittenMax: linesMax,
  /** Lines that may lie in the sink before one that was written earlier. */
  reorderedMax: linesMax,
  /** Lines that may be stored at a time at which they cannot have been on their way. */
  misdatedMax: linesMax,
  /** How far the time of an entry may lie outside of that. */
  clockOffMax: durationParam.default(60_000),
});

type FidelityParams = z.output<typeof schema>;

/** `fidelity`: truncated, merged, split, rewritten, reordered and misdated lines. */
export const fidelity: CheckerDefinition<FidelityParams> = {
  name: 'fidelity',
  params: createCheckerParams('fidelity', schema),
  async check({ history, ledger, params, run }) {
    const apps = new Map<string, LineForms>();
    const clock = {
      ...{ loadStartNs: run.loadStartNs, loadStartWallMs: run.loadStartWallMs, toleranceMs: params.clockOffMax },
    };
    for (const app of history.apps()) apps.set(app, await readLineForms(history, app, clock));
    const findings = [
      ...BROKEN_FORMS.flatMap((form) => findBroken(form, { apps, run, max: params[`${form}Max`] })),
      ...findReordered(ledger, run, params.reorderedMax),
      ...findMisdated(apps, { run, max: params.misdatedMax }),
    ];
    return conclude({ apps, ledger, run, findings });
  },
};

function conclude({
  apps,
  ledger,
  run,
  findings,
}: {
  apps: Map<string, LineForms>;
  ledger: Ledger;
  run: RunFacts;
  findings: Finding[];
}): CheckResult {
  const sum = (of: (forms: LineForms) => number): number => [...apps.values()].reduce((all, one) => all + of(one), 0);
  const numbers: Record<string, number> = {
    comparedLines: sum(({ comparedLines }) => comparedLines),
    unverifiedLines: sum(({ unverifiedLines }) => unverifiedLines),
  };
  for (const form of BROKEN_FORMS) numbers[`${form}Lines`] = sum(({ forms }) => forms[form].lines);
  numbers.reorderedLines = ledger.total.reorderedLines;
  if (run.loadStartWallMs !== undefined) numbers.misdatedLines = sum(({ misdated }) => misdated.lines);
  if (findings.length > 0)
    return { verdict: 'invalid', numbers, reasons: findings.map(({ title }) => title), findings };
  const reasons = findBlindSpots(apps, run);
  return { verdict: reasons.length > 0 ? 'unknown' : 'valid', numbers, reasons, findings };
}

/** What keeps clean lines from proving anything. */
function findBlindSpots(apps: Map<string, LineForms>, run: RunFacts): string[] {
  if ([...apps.values()].every(({ comparedLines, unverifiedLines }) => comparedLines + unverifiedLines === 0))
    return ['No line was stored, so none could be compared.'];
  if (run.lineWrapper === 'unlearnable')
    return [
      'The way in which the agent wraps lines was not learned, so their bytes cannot be compared: set `line:` in the agent file.',
    ];
  return [...apps]
    .filter(([, { unverifiedLines }]) => unverifiedLines > 0)
    .map(
      ([app, { unverifiedLines }]) =>
        `${describeLines(unverifiedLines)} of ${app} could not be compared: nobody recorded what it wrote.`,
    );
}

function findBroken(
  form: BrokenForm,
  { apps, run, max }: { apps: Map<string, LineForms>; run: RunFacts; max: number },
): Finding[] {
  const hit = [...apps].filter(([, { forms }]) => forms[form].lines > 0).sort((a, b) => countOf(b) - countOf(a));
  function countOf([, { forms }]: [string, LineForms]): number {
    return forms[form].lines;
  }
  const counts = hit.map(([, { forms }]) => forms[form]);
  const lines = counts.reduce((sum, count) => sum + count.lines, 0);
  if (lines <= max) return [];
  const byDriver = counts.reduce((sum, { droppedLines }) => sum + droppedLines, 0);
  return [
    {
      checker: 'fidelity',
      class: form,
      hop: byDriver === lines ? 'driver' : agentHop(run),
      severity: form === 'split' ? 'minor' : 'major',
      title: `${describeLines(lines)} of ${describeNames(hit.map(([app]) => app))} ${TOLD[form]}${byDriver > 0 ? `; of ${describeCount(byDriver)} the log driver had dropped a piece` : ''}`,
      fromMs: Math.min(...counts.map(({ fromMs }) => fromMs)),
      toMs: Math.max(...counts.map(({ toMs }) => toMs)),
      numbers: { lines, droppedPieceLines: byDriver },
      evidence: [],
      remedy: REMEDIES[form],
    },
  ];
}

const TOLD: Record<BrokenForm, string> = {
  truncated: 'are stored cut short',
  merged: 'share one entry with other lines',
  split: 'are stored in pieces that were never joined',
  rewritten: 'are stored with other bytes than were written',
};

const REMEDIES: Record<BrokenForm, Finding['remedy']> = {
  truncated: {
    key: 'config',
    text: 'Join the pieces of 16 KiB that Docker makes of a longer line (partial_message, partial_last), and raise the limit of a line in the agent to that of the sink',
  },
  merged: {
    key: 'config',
    text: 'Join pieces by container and partial_id, never by the order in which they come, and only lines that belong together',
  },
  split: {
    key: 'config',
    text: 'Join the pieces that Docker makes of lines over 16 KiB: they carry partial_message, partial_id and partial_last',
  },
  rewritten: {
    key: 'config',
    text: 'Hand lines on as bytes: no parser that rebuilds them, no trimming, and replace only what is no UTF-8',
  },
};

function findReordered(ledger: Ledger, run: RunFacts, max: number): Finding[] {
  const { reorderedLines } = ledger.total;
  if (reorderedLines <= max) return [];
  const names = Object.entries(ledger.apps)
    .filter(([, totals]) => totals.reorderedLines > 0)
    .sort(([, a], [, b]) => b.reorderedLines - a.reorderedLines)
    .map(([app]) => app);
  return [
    {
      checker: 'fidelity',
      class: 'reordered',
      hop: agentHop(run),
      severity: 'minor',
      title: `${describeLines(reorderedLines)} of ${describeNames(names)} lie in the sink before one that was written earlier`,
      fromMs: 0,
      toMs: run.endMs,
      numbers: { lines: reorderedLines },
      evidence: [],
      remedy: {
        key: 'config',
        text: 'Give each line the time that the driver gave it, at full precision, and let no worker overtake another within a stream',
      },
    },
  ];
}
