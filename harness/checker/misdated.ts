// Lines that the sink holds at a time when they cannot have been on their way: a wrong time zone, a clock that is days
// off. Found only by who looks at another hour than the one in which something went wrong, so told with how far off.

import { describeDuration } from '../core/units.ts';
import type { Finding } from '../model/finding.ts';
import type { RunFacts } from '../model/run.ts';
import { agentHop } from './agent-hop.ts';
import { describeLines, describeNames } from './describe.ts';
import type { LineForms } from './line-forms.ts';

/** The finding, where more lines than `max` are misdated. */
export function findMisdated(
  apps: ReadonlyMap<string, LineForms>,
  { run, max }: { run: RunFacts; max: number },
): Finding[] {
  const hit = [...apps]
    .filter(([, { misdated }]) => misdated.lines > 0)
    .sort(([, a], [, b]) => b.misdated.lines - a.misdated.lines);
  const counts = hit.map(([, { misdated }]) => misdated);
  const lines = counts.reduce((sum, count) => sum + count.lines, 0);
  if (lines <= max) return [];
  const offMinMs = Math.min(...counts.map((count) => count.offMinMs));
  const offMaxMs = Math.max(...counts.map((count) => count.offMaxMs));
  return [
    {
      checker: 'fidelity',
      class: 'misdated',
      hop: agentHop(run),
      severity: 'major',
      title: `${describeLines(lines)} of ${describeNames(hit.map(([app]) => app))} are stored ${describeOffset(offMinMs, offMaxMs)} they were written`,
      fromMs: Math.min(...counts.map(({ fromMs }) => fromMs)),
      toMs: Math.max(...counts.map(({ toMs }) => toMs)),
      numbers: { lines, offMinMs, offMaxMs },
      evidence: [],
      remedy: {
        key: 'config',
        text: 'Take the time that the driver gives (seconds since 1970, UTC), or tell the parser of the line\u2019s own time its zone',
      },
    },
  ];
}

function describeOffset(offMinMs: number, offMaxMs: number): string {
  const ends = [Math.abs(offMinMs), Math.abs(offMaxMs)].sort((a, b) => a - b).map(describeDuration);
  const span = ends[0] === ends[1] ? ends[0] : `between ${ends[0]} and ${ends[1]}`;
  if (offMinMs >= 0) return `${span} after`;
  return offMaxMs <= 0 ? `${span} before` : 'both long before and long after';
}
