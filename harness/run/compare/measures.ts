// What a comparison measures of a run: loss against stall against loop against cost. Less is better in each. Everything
// is per line that was due or stored, so that an agent that drops its work does not look cheap.

import type { Measure } from '../../model/comparison.ts';
import type { RunResult } from '../../model/run.ts';
import type { RunCost } from './run-cost.ts';

/** A measure and how to take it; null where the run does not tell. */
export interface TakenMeasure extends Measure {
  take(run: RunResult, cost: RunCost): number | null;
}

const MILLION = 1_000_000;
const ANY = { absolute: 0, ofMedian: 0 };

/** Every measure, in the order of reports. */
export const MEASURES: readonly TakenMeasure[] = [
  {
    id: 'lostShare',
    label: 'lines lost or rejected',
    group: 'loss',
    unit: 'share',
    floor: ANY,
    meaning: 'Lines that were due and written and are not stored after drain and stop, of all lines due.',
    take: ({ ledger: { total } }) => divide(total.lostLines + total.rejectedLines, total.dueLines),
  },
  {
    id: 'duplicatedShare',
    label: 'copies too many',
    group: 'loss',
    unit: 'share',
    floor: { absolute: 0.0005, ofMedian: 0 },
    meaning: 'Accepted copies beyond the first, of all lines due.',
    take: ({ ledger: { total } }) => divide(total.duplicatePushedLines, total.dueLines),
  },
  {
    id: 'longestWriteMs',
    label: 'longest write of a blocking app',
    group: 'stall',
    unit: 'ms',
    floor: { absolute: 50, ofMedian: 0 },
    meaning: 'The longest time an app stood in one write(2) to its stdout.',
    take: ({ checks }) => checks['socket-stall']?.numbers.writeMaxMs ?? null,
  },
  {
    id: 'blockedMs',
    label: 'time spent blocked',
    group: 'stall',
    unit: 'ms',
    floor: { absolute: 50, ofMedian: 0 },
    meaning: 'Sum of all long writes of apps that block.',
    take: ({ checks }) => checks['socket-stall']?.numbers.blockedMs ?? null,
  },
  {
    id: 'failedShare',
    label: 'requests without a good answer',
    group: 'stall',
    unit: 'share',
    floor: { absolute: 0.0005, ofMedian: 0 },
    meaning: 'Requests that failed or could not even be sent, of all that were due; seen from outside.',
    take: takeFailedShare,
  },
  {
    id: 'ownBytesPerAppByte',
    label: 'own output per app byte',
    group: 'loop',
    unit: 'ratio',
    floor: { absolute: 0.001, ofMedian: 0 },
    meaning: 'Bytes the agent says itself, for each byte that the apps wrote.',
    take: ({ checks }) => checks['feedback-loop']?.numbers.ownBytesPerAppByte ?? null,
  },
  {
    id: 'cpuSecondsPerMillionLines',
    label: 'CPU seconds per million lines',
    group: 'cost',
    unit: 'seconds',
    floor: { absolute: 0.5, ofMedian: 0.05 },
    meaning: "CPU time of the agent's process from the start of load until drained, for a million stored lines.",
    take: ({ ledger: { total } }, { cpuMs }) =>
      cpuMs === null ? null : divide((cpuMs / 1_000) * MILLION, total.storedLines),
  },
  {
    id: 'memoryMaxBytes',
    label: 'memory at its peak',
    group: 'cost',
    unit: 'bytes',
    floor: { absolute: 2 * 1_048_576, ofMedian: 0.05 },
    meaning:
      "Largest resident memory of the agent's process from the start of load until drained, looked at once a second.",
    take: (_run, { memoryMaxBytes }) => memoryMaxBytes,
  },
  {
    id: 'pushedBytesPerMillionLines',
    label: 'pushed bytes per million lines',
    group: 'cost',
    unit: 'bytes',
    floor: { absolute: 0, ofMedian: 0.02 },
    meaning: 'Decoded bytes of all pushes, repeated and refused ones too, for a million stored lines.',
    take: ({ ledger: { total } }, { pushedBytes }) =>
      pushedBytes === null ? null : divide(pushedBytes * MILLION, total.storedLines),
  },
];

function takeFailedShare({ checks }: RunResult): number | null {
  const numbers = Object.entries(checks['socket-stall']?.numbers ?? {});
  const sum = (suffix: RegExp): number =>
    numbers.reduce((total, [key, value]) => (suffix.test(key) ? total + value : total), 0);
  return divide(sum(/\.(failed|notSent)Requests$/), sum(/\.dueRequests$/));
}

function divide(part: number, whole: number): number | null {
  return whole > 0 ? part / whole : null;
}
