// `accept:` of larsen.config: findings that are known and accepted for a while. They stay in the result, but no
// longer make their check invalid; after their last day they do again.

import type { RunResult } from '../model/run.ts';
import { composeVerdicts } from '../model/verdict.ts';

/** An entry of `accept:`. */
export interface AcceptedFinding {
  /** `checker/class` */
  finding: string;
  agent?: string | undefined;
  /** Last day, `YYYY-MM-DD`. */
  until: string;
  why: string;
}

/** The result with accepted findings taken out of the verdict. `now` decides what has expired. */
export function acceptFindings(run: RunResult, accepted: readonly AcceptedFinding[], now: Date): RunResult {
  const today = now.toISOString().slice(0, 10);
  const match = (checker: string, findingClass: string): AcceptedFinding | undefined =>
    accepted.find(
      (entry) =>
        entry.finding === `${checker}/${findingClass}` &&
        (entry.agent === undefined || entry.agent === run.agent) &&
        entry.until >= today,
    );
  const used = new Map<string, string[]>();
  for (const finding of run.findings) {
    const entry = match(finding.checker, finding.class);
    if (entry)
      used.set(finding.checker, [
        ...(used.get(finding.checker) ?? []),
        `accepted until ${entry.until}: ${entry.finding} (${entry.why})`,
      ]);
  }
  if (used.size === 0) return run;
  const checks = Object.fromEntries(
    Object.entries(run.checks).map(([checker, check]) => {
      const notes = used.get(checker);
      const rest = run.findings.some((finding) => finding.checker === checker && !match(checker, finding.class));
      if (!notes || check.verdict !== 'invalid' || rest) return [checker, check];
      return [checker, { ...check, verdict: 'valid' as const, reasons: [...check.reasons, ...notes] }];
    }),
  );
  const verdicts = Object.values(checks).map(({ verdict }) => verdict);
  // What made the run itself unknown (a doubt, an interruption) stays: acceptance speaks of findings only.
  const verdict = run.verdict === 'unknown' ? 'unknown' : composeVerdicts(verdicts);
  return { ...run, checks, verdict, reasons: [...run.reasons, ...[...used.values()].flat()] };
}
