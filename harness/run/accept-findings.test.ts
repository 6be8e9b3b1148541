import { describe, expect, it } from 'vitest';
import { INVALID_RUN, UNKNOWN_RUN } from '../testing/fixtures/report-results.ts';
import { acceptFindings } from './accept-findings.ts';

const entries = [...new Set(INVALID_RUN.findings.map((finding) => `${finding.checker}/${finding.class}`))].map(
  (finding) => ({
    finding,
    until: '2026-12-31',
    why: 'ticket 4711',
  }),
);
const at = (day: string): Date => new Date(`${day}T12:00:00Z`);

describe('acceptFindings', () => {
  it('takes accepted findings out of the verdict, keeps them in the result, and says why', () => {
    const run = acceptFindings(INVALID_RUN, entries, at('2026-12-31'));
    expect(run.verdict).toBe('valid');
    expect(run.findings).toEqual(INVALID_RUN.findings);
    expect(run.reasons.join(' ')).toContain('accepted until 2026-12-31');
    expect(run.reasons.join(' ')).toContain('ticket 4711');
  });

  it('counts them again after their last day', () => {
    expect(acceptFindings(INVALID_RUN, entries, at('2027-01-01'))).toEqual(INVALID_RUN);
  });

  it('leaves a check invalid while one of its findings is not accepted', () => {
    expect(entries.length).toBeGreaterThan(1);
    for (const left of entries) {
      const rest = entries.filter((entry) => entry !== left);
      const run = acceptFindings(INVALID_RUN, rest, at('2026-12-01'));
      expect(run.verdict).toBe('invalid');
      expect(run.checks[left.finding.split('/')[0]!]!.verdict).toBe('invalid');
    }
  });

  it('holds for the named agent only', () => {
    const forAgent = (agent: string) => entries.map((entry) => ({ ...entry, agent }));
    expect(acceptFindings(INVALID_RUN, forAgent(INVALID_RUN.agent), at('2026-12-01')).verdict).toBe('valid');
    expect(acceptFindings(INVALID_RUN, forAgent('another'), at('2026-12-01')).verdict).toBe('invalid');
  });

  it('makes nothing of an unknown run', () => {
    expect(acceptFindings({ ...UNKNOWN_RUN, findings: INVALID_RUN.findings }, entries, at('2026-12-01')).verdict).toBe(
      'unknown',
    );
  });
});
