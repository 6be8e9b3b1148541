// The same run on two engines: which of its figures count, how far they may be apart, and whether they are. Pure.

import type { Finding } from '../../model/finding.ts';
import type { RunResult } from '../../model/run.ts';
import type { Verdict } from '../../model/verdict.ts';

/** What is kept of a run on one engine. */
export interface Side {
  verdict: Verdict;
  /** `checker/class`, sorted. */
  findings: string[];
  figures: Record<string, number>;
  /** Why it is unknown, else empty. */
  doubts: string[];
}

/** How far two values of a figure may be apart: a share of the larger, or so much, whichever is more. */
interface Bound {
  /** The figure in words. */
  label: string;
  share: number;
  least: number;
  text: string;
}

/** Lines of a second of load are under way at any moment, so what a kill takes with it differs by about as much. */
const LINES = { share: 0.1, least: 250, text: '10 % or 250 lines' };

/** The figures, in the order of the table. */
export const BOUNDS: Readonly<Record<string, Bound>> = {
  bytesToBlock: { label: 'bytes to block', share: 0.25, least: 0, text: '25 %' },
  msToBlock: { label: 'time to block', share: 0.25, least: 500, text: '25 % or 0.5 s' },
  lostLines: { label: 'lost', ...LINES },
  rejectedLines: { label: 'rejected', ...LINES },
  duplicatedLines: { label: 'duplicated', ...LINES },
  gain: { label: 'gain', share: 0.5, least: 0.01, text: 'a factor of two' },
  recoveryMs: { label: 'recovery', share: 0.5, least: 2_000, text: 'a factor of two or 2 s' },
};

/** Names of what differs beyond the bounds; empty: they agree. What is unknown agrees with nothing, be both unknown. */
export function findDifferences(one: Side, other: Side): string[] {
  return [
    ...(one.verdict === other.verdict && one.verdict !== 'unknown' ? [] : ['verdict']),
    ...(one.findings.join() === other.findings.join() ? [] : ['findings']),
    ...Object.entries(BOUNDS)
      .filter(([figure, bound]) => !isWithin(one.figures[figure], other.figures[figure], bound))
      .map(([figure]) => figure),
  ];
}

/** A figure that only one side has is judged by its findings, not here. */
function isWithin(one: number | undefined, other: number | undefined, { share, least }: Bound): boolean {
  if (one === undefined || other === undefined) return true;
  return Math.abs(one - other) <= Math.max(least, share * Math.max(Math.abs(one), Math.abs(other)));
}

/** What is kept of a judged run. */
export function describeSide({ verdict, findings, checks, ledger, reasons }: RunResult): Side {
  const { total } = ledger;
  const freeze = findings.find(({ numbers }) => numbers.bytesFromFaultToBlock !== undefined);
  const loop = checks['feedback-loop']?.numbers ?? {};
  const recoveryMs = checks.recovery?.numbers.recoveryMs;
  return {
    verdict,
    findings: nameAll(findings),
    figures: {
      ...(freeze && {
        bytesToBlock: freeze.numbers.bytesFromFaultToBlock!,
        msToBlock: freeze.numbers.msFromFaultToBlock!,
      }),
      lostLines: total.lostLines,
      ...Object.fromEntries(ledger.hops.map(({ hop, reason, lines }) => [`at ${hop}: ${reason}`, lines])),
      rejectedLines: total.rejectedLines,
      duplicatedLines: total.duplicatePushedLines,
      ...((loop.refusedBytes ?? 0) > 0 && { gain: loop.gain! }),
      ...(recoveryMs !== undefined && { recoveryMs }),
    },
    doubts: verdict === 'unknown' ? reasons : [],
  };
}

function nameAll(findings: readonly Finding[]): string[] {
  return [...new Set(findings.map(({ checker, class: kind }) => `${checker}/${kind}`))].sort();
}
