// When a drain is over: everything came out, nothing moves, or the agent's own output keeps coming. Events bear times of a
// moment ago, so that no test has to wait.

import { expect, test } from 'vitest';
import { nowNs } from '../core/real-clock.ts';
import type { Event } from '../model/event.ts';
import { drainedBy } from './drain.ts';
import { createProgress, type Progress } from './progress.ts';

const flow = (kind: 'driver-read' | 'driver-sent', lines: number, agoMs: number): Event => ({
  ...{ n: 1, kind, hop: 'driver', atNs: nowNs() - agoMs * 1e6, data: { lines, bytes: lines * 100 } },
});

/** A push of app lines, or (without any) of the agent's own entries. */
function push(appEntries: number, agoMs: number, ownBytes = 0): Event {
  const atNs = nowNs() - agoMs * 1e6;
  const data = {
    status: 204,
    startedNs: atNs,
    answeredNs: atNs,
    appEntries,
    ownBytes,
    anonymous: { abc: [1, ownBytes] },
  };
  return { n: 1, kind: 'push', hop: 'sink', atNs, data };
}

function progressOf(...events: Event[]): Progress {
  const progress = createProgress();
  for (const event of events) progress.take(event);
  return progress;
}

const read = [flow('driver-read', 10, 3_000), flow('driver-sent', 10, 3_000)];

test.each<[string, Event[], number, string | null]>([
  ['all that was sent was accepted', [...read, push(10, 700)], 700, 'everything came out'],
  ['the last of it was accepted just now', [...read, push(10, 100)], 700, null],
  [
    'all came out, and the agent goes on with a few words of its own',
    [...read, push(10, 700), push(0, 5, 200)],
    700,
    'everything came out',
  ],
  ['something is missing and nothing moves', [...read, push(9, 2_600)], 2_600, 'nothing moved any more'],
  [
    'something is missing and the agent still pushes, if only its own',
    [...read, push(9, 2_600), push(0, 5, 200)],
    2_600,
    null,
  ],
  [
    'all came out and it howls: watched for two flushes and two seconds',
    [...read, push(10, 700), push(0, 5, 50_000)],
    3_900,
    null,
  ],
  ['and then left', [...read, push(10, 700), push(0, 5, 50_000)], 4_100, 'own output keeps coming'],
])('%s', (_, events, elapsedMs, reason) => {
  expect(drainedBy(progressOf(...events), elapsedMs)).toBe(reason);
});
