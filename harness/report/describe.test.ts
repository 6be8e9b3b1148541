import { describe, expect, it } from 'vitest';
import { HOSTILE_RUN, INVALID_RUN, UNKNOWN_RUN, VALID_RUN } from '../testing/fixtures/report-results.ts';
import { describeHop, describeNumber, describeReasons, describeRun, describeWindow, sortFindings } from './describe.ts';

describe('describing a result', () => {
  it.each([
    ['longestWriteMs', 12_900, 'longest write', '12.9 s'],
    ['ownBytesPerSecond', 12_400_000, 'own', '11.8 MiB/s'],
    ['ownBytes', 512, 'own', '512 B'],
    ['perSecond', 1_000, 'per second', '1,000/s'],
    ['lostLines', 17_420, 'lost', '17,420 lines'],
    ['lines', 3, 'lines', '3'],
    ['lostRatio', 0.0004, 'lost share', '0.04 %'],
    ['ownBytesPerSecondMax', 12_400_000, 'own max', '11.8 MiB/s'],
    ['web.writeMaxMs', 12_900, 'web write max', '12.9 s'],
    ['blockedFromMs', 150_000, 'blocked from', '150.0 s'],
    ['bytesFromFaultToBlock', 1_144_356, 'from fault to block', '1.1 MiB'],
    ['msFromFaultToBlock', 4_300, 'from fault to block', '4.3 s'],
    ['gain', 2.1, 'gain', '2.1 ×'],
    ['gainRatio', 0.5, 'gain', '0.5 ×'],
    ['amplificationRatio', 13.25, 'amplification', '13.3 ×'],
    ['generationsCount', 8, 'generations', '8'],
    ['backslashRunMax', 32_769, 'backslash run max', '32,769'],
    ['gainRatio', Number.POSITIVE_INFINITY, 'gain', 'Infinity ×'],
  ])('says %s %d as "%s %s"', (key, value, label, text) => {
    expect(describeNumber(key, value)).toEqual({ label, text });
  });

  it('says a window with its length and a moment without', () => {
    expect(describeWindow({ fromMs: 12_900, toMs: 86_000 })).toBe('12.9 s to 86.0 s after load start (73.1 s long)');
    expect(describeWindow({ fromMs: 12_900, toMs: 12_900 })).toBe('12.9 s after load start');
  });

  it('names a range as between its ends', () => {
    expect(describeHop('driver..agent')).toBe('between driver and agent');
    expect(describeHop('sink')).toBe('at the sink');
  });

  it('takes the longest write of the apps that socket-stall measured', () => {
    expect(describeRun(VALID_RUN).longestWrite).toBe('41 ms');
    expect(describeRun(HOSTILE_RUN).longestWrite).toBe('–');
  });

  it('tells a howl from an echo, from a clean run and from one that was not judged', () => {
    const withClass = (name: string) =>
      describeRun({ ...INVALID_RUN, findings: [{ ...INVALID_RUN.findings[1]!, class: name }] }).howl;
    expect(['howling', 'internal-loop', 'damped-loop', 'payload-echo'].map(withClass)).toEqual([
      'yes',
      'yes',
      'damped',
      'echo',
    ]);
    expect(describeRun(VALID_RUN).howl).toBe('no');
    expect(describeRun(HOSTILE_RUN).howl).toBe('–');
    const unknown = { ...VALID_RUN.checks, 'feedback-loop': { verdict: 'unknown' as const, numbers: {}, reasons: [] } };
    expect(describeRun({ ...VALID_RUN, checks: unknown }).howl).toBe('?');
  });

  it('gives each reason of an unknown run once, with the checker it comes from', () => {
    const reason = UNKNOWN_RUN.reasons[0]!;
    const doubled = {
      ...UNKNOWN_RUN,
      reasons: [reason, reason],
      checks: { parity: { verdict: 'unknown' as const, numbers: {}, reasons: [reason, 'a hole'] } },
    };
    expect(describeReasons(doubled)).toEqual([reason, 'parity: a hole']);
  });

  it('tells the worst finding first, then the earliest', () => {
    const base = INVALID_RUN.findings[0]!;
    const findings = [
      { ...base, severity: 'minor' as const, fromMs: 1 },
      { ...base, severity: 'critical' as const, fromMs: 9 },
      { ...base, severity: 'critical' as const, fromMs: 3 },
    ];
    expect(sortFindings(findings).map((finding) => finding.fromMs)).toEqual([3, 9, 1]);
  });
});
