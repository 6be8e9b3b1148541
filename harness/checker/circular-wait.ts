// The circular wait of the founding outage: the agent stands in a write to its own stdout, which nobody empties
// because the driver stands in a write to the agent's socket, which the agent does not read.

import { describeDuration } from '../core/units.ts';
import type { Finding } from '../model/finding.ts';
import { overlaps } from './blocked-runs.ts';
import type { Judged, StallCase } from './stall-case.ts';
import type { LoggerSighting, StallFacts } from './stall-facts.ts';
import type { BlockedRun, Interval } from './write-times.ts';

/** Sightings of a logger come every 500 ms while anything is held; with a longer gap nothing was held. */
const SIGHTING_GAP_MS = 1_500;
/** Name of the logger that carries the agent's own output. */
const AGENT_LOGGER = '@agent';
const WAIT_MIN_MS = 1_000;

/** Finds it: an app frozen, or the agent's threads seen in the write, while the agent's own output is stuck. */
export function findCircularWait({ facts }: StallCase, stalls: Finding[]): Judged {
  const frozen = stalls.filter((finding) => finding.class === 'freeze');
  const findings = findPipeFull(facts.loggers.get(AGENT_LOGGER) ?? [])
    .filter((wait) => wait.toMs - wait.fromMs >= WAIT_MIN_MS && isAlive(wait, facts))
    .flatMap((wait) => {
      const victims = frozen.filter((finding) => overlaps(finding, wait));
      const threads = facts.agentInPipeWrite.filter(
        ({ atMs }) => atMs >= wait.fromMs && atMs <= wait.toMs + SIGHTING_GAP_MS,
      );
      return victims.length === 0 && threads.length === 0 ? [] : [describeWait({ wait, victims, threads, facts })];
    });
  return { findings: findings.slice(0, 1), doubts: [] };
}

/** The stretches in which a logger's pipe took no more. */
export function findPipeFull(sightings: readonly LoggerSighting[]): BlockedRun[] {
  const runs: BlockedRun[] = [];
  let last: { atMs: number; isFull: boolean } | undefined;
  for (const { atMs, state } of sightings) {
    const run = runs.at(-1);
    const goesOn = last?.isFull && atMs - last.atMs <= SIGHTING_GAP_MS;
    if (run && goesOn) Object.assign(run, { toMs: atMs, longestMs: atMs - run.fromMs });
    else if (state.pipeFull) runs.push({ fromMs: atMs, toMs: atMs, longestMs: 0, isOpen: false });
    last = { atMs, isFull: state.pipeFull };
  }
  if (last?.isFull) runs.at(-1)!.isOpen = true;
  return runs;
}

/** The agent lived and was not stopped by a signal when the wait began. */
function isAlive({ fromMs }: Interval, { agentAway }: StallFacts): boolean {
  return !agentAway.some((away) => away.fromMs <= fromMs && fromMs <= away.toMs);
}

function describeWait({
  wait,
  victims,
  threads,
  facts,
}: {
  wait: BlockedRun;
  victims: Finding[];
  threads: StallFacts['agentInPipeWrite'];
  facts: StallFacts;
}): Finding {
  const sightings = (facts.loggers.get(AGENT_LOGGER) ?? []).filter(
    ({ atMs }) => atMs >= wait.fromMs && atMs <= wait.toMs,
  );
  const heldBytes = Math.max(0, ...sightings.map(({ state }) => state.heldBytes));
  const names = [...new Set(victims.map(({ title }) => title.split(' ')[0]!))];
  const frozen = names.length > 0 ? `, and ${names.join(', ')} froze behind it` : '';
  return {
    checker: 'socket-stall',
    class: 'circular-wait',
    hop: 'driver..agent',
    severity: 'critical',
    title: `The agent and the log driver wait for each other since ${describeDuration(wait.fromMs)}: the agent writes to its full stdout and reads no socket, the driver writes to the unread socket and empties no stdout${frozen}`,
    fromMs: wait.fromMs,
    toMs: wait.toMs,
    numbers: { waitMs: wait.toMs - wait.fromMs, heldBytes, frozenApps: names.length, threadSightings: threads.length },
    evidence: [
      ...sightings.slice(0, 1).map(({ ref }) => ref),
      ...threads.slice(0, 2).map(({ ref }) => ref),
      ...victims.flatMap(({ evidence }) => evidence.slice(0, 1)),
    ],
    remedy: {
      key: 'self.driver',
      text: "Send the agent's own output to json-file or local: what it prints must never wait for what it reads",
    },
  };
}
