// Freezes and spikes: one finding per app and class, with the place where the pipeline is blocked.

import { describeDuration } from '../core/units.ts';
import type { EventRef, HopRange } from '../model/event.ts';
import type { Finding } from '../model/finding.ts';
import type { RunFacts } from '../model/run.ts';
import { overlaps } from './blocked-runs.ts';
import type { Judged, StallCase, WatchedApp } from './stall-case.ts';
import type { StallFacts } from './stall-facts.ts';
import type { BlockedRun, Interval } from './write-times.ts';

/** From here on a standstill is a freeze; shorter ones are spikes. */
const FREEZE_MS = 1_000;
/** Shorter standstills are told by numbers only. */
const SPIKE_MIN_MS = 250;
/** The control emitter is sighted each second. */
const CONTROL_SLACK_MS = 1_500;

/** Finds them. */
export function findStalls(stallCase: StallCase): Judged {
  const judged: Judged = { findings: [], doubts: [] };
  for (const app of stallCase.apps) {
    const { quiet, doubts } = splitByNoise(app, stallCase);
    judged.doubts.push(...doubts);
    for (const runs of [
      quiet.filter((run) => lengthOf(run) >= FREEZE_MS),
      quiet.filter((run) => lengthOf(run) < FREEZE_MS),
    ]) {
      if (runs.length > 0) judged.findings.push(describeStall(app, runs, stallCase));
    }
  }
  return judged;
}

/** Why a standstill cannot be blamed on the pipeline; null when it can. */
export function describeNoise(facts: StallFacts, window: Interval, lengthMs: number): string | null {
  const seen = facts.control.filter(({ atMs }) => atMs >= window.fromMs && atMs <= window.toMs + CONTROL_SLACK_MS);
  if (seen.length === 0) return 'no control emitter was seen in that time';
  const worstMs = Math.max(...seen.map((sighting) => sighting.worstMs));
  return worstMs < lengthMs / 2
    ? null
    : `the control emitter on a free pipe was held up for ${describeDuration(worstMs)} as well: the machine, not the pipeline`;
}

/** Standstills that matter and that the machine does not explain; the unexplained ones over the limit are doubts. */
function splitByNoise(
  { times, runs }: WatchedApp,
  { facts, params }: StallCase,
): { quiet: BlockedRun[]; doubts: string[] } {
  const quiet: BlockedRun[] = [];
  const doubts: string[] = [];
  for (const run of runs) {
    const length = lengthOf(run);
    if (length < Math.min(params.writeMax, Math.max(SPIKE_MIN_MS, params.writeMax / 2))) continue;
    const noise = describeNoise(facts, run, length);
    if (noise === null) quiet.push(run);
    else if (length >= params.writeMax)
      doubts.push(`${times.app} stood still for ${describeDuration(length)}, but ${noise}.`);
  }
  return { quiet, doubts };
}

function describeStall(app: WatchedApp, runs: BlockedRun[], stallCase: StallCase): Finding {
  const { facts, run, params } = stallCase;
  const longest = runs.reduce((first, other) => (lengthOf(other) > lengthOf(first) ? other : first));
  const longestMs = lengthOf(longest);
  const isFreeze = longestMs >= FREEZE_MS;
  const { hop, why, refs } = locate(app.times.app, longest, facts);
  const { failures } = app.times;
  const numbers: Record<string, number> = {
    blockedMs: runs.reduce((sum, one) => sum + lengthOf(one), 0),
    longestMs,
    writeMaxMs: app.times.writeMaxMs,
    blockedFromMs: runs[0]!.fromMs,
    stalls: runs.length,
    ...measureFromFault(app, runs[0]!, stallCase),
  };
  if (failures.count > 0) numbers.unansweredRequests = failures.count;
  const end = longest.isOpen ? ' and never came back' : '';
  return {
    checker: 'socket-stall',
    class: isFreeze ? 'freeze' : 'spike',
    hop,
    severity: longestMs < params.writeMax ? 'minor' : isFreeze ? 'critical' : 'major',
    title: `${app.times.app} ${isFreeze ? 'froze' : 'was held up'} for ${describeDuration(longestMs)} in write(2) on its stdout${end}: ${why}`,
    fromMs: runs[0]!.fromMs,
    toMs: runs.at(-1)!.toMs,
    numbers,
    evidence: [
      ...findOpenRefs(app.times.app, longest, facts),
      ...refs,
      ...findFault(run, runs[0]!).flatMap(({ evidence }) => evidence.slice(0, 1)),
    ],
    remedy: suggestRemedy(run),
  };
}

/** Where the way from the app to the agent is blocked, as the driver saw it. */
function locate(app: string, run: Interval, facts: StallFacts): { hop: HopRange; why: string; refs: EventRef[] } {
  const seen = (facts.loggers.get(app) ?? []).filter(
    ({ atMs }) => atMs >= run.fromMs && atMs <= run.toMs + CONTROL_SLACK_MS,
  );
  const isAway = facts.agentAway.some((away) => overlaps(away, run));
  const blocked = seen.find(({ state }) => state.state === 'sending' && state.blockedMs > 0);
  if (blocked) {
    const why = isAway ? 'the agent was stopped and did not read its socket' : 'the agent did not read its socket';
    return { hop: isAway ? 'agent' : 'driver..agent', why, refs: [blocked.ref] };
  }
  const reconnecting = seen.find(({ state }) => state.state === 'reconnecting');
  if (reconnecting) {
    const { atMs, ref } = reconnecting;
    const isGone = facts.agentAway.some(({ fromMs, toMs }) => fromMs <= atMs && atMs <= toMs);
    const why = isGone ? 'the agent was gone' : 'the driver had no connection to the agent';
    return { hop: isGone ? 'agent' : 'driver..agent', why, refs: [ref] };
  }
  const full = seen.find(({ state }) => state.pipeFull);
  if (full) return { hop: 'driver', why: 'the driver did not read its pipe', refs: [full.ref] };
  // Nobody saw into the driver, as with the daemon's own.
  if (seen.length === 0 && isAway)
    return { hop: 'agent', why: 'the agent was stopped and did not read its socket', refs: [] };
  return { hop: 'app..driver', why: 'nobody took its lines from the pipe', refs: [] };
}

function findOpenRefs(app: string, run: Interval, facts: StallFacts): EventRef[] {
  const open = [...(facts.openWrites.get(app)?.values() ?? [])].find(
    ({ fromMs }) => fromMs >= run.fromMs - 1 && fromMs <= run.toMs,
  );
  return open ? [open.ref] : [];
}

/** The last fault that began before the standstill. */
function findFault(run: RunFacts, { fromMs }: Interval): RunFacts['faults'] {
  const before = run.faults.filter((fault) => fault.fromMs <= fromMs);
  return before.sort((a, b) => b.fromMs - a.fromMs).slice(0, 1);
}

function measureFromFault(
  { times }: WatchedApp,
  blocked: BlockedRun,
  { run, facts }: StallCase,
): Record<string, number> {
  const [fault] = findFault(run, blocked);
  if (!fault) return {};
  const outputs = facts.outputs.get(times.app);
  return {
    msFromFaultToBlock: blocked.fromMs - fault.fromMs,
    bytesFromFaultToBlock: outputs
      ? writtenBy(outputs, Math.min(blocked.toMs, blocked.fromMs + SETTLED_MS)) - writtenBy(outputs, fault.fromMs)
      : times.bytesBetween(fault.fromMs, blocked.fromMs),
  };
}

/** It is told four times a second while it grows: by then the last of it was. */
const SETTLED_MS = 1_000;

/** The sum as it was last told by then. */
function writtenBy(outputs: { atMs: number; bytes: number }[], ms: number): number {
  return (outputs.findLast(({ atMs }) => atMs <= ms) ?? outputs[0]!).bytes;
}

function suggestRemedy({ plan }: RunFacts): Finding['remedy'] {
  if (plan.scenario.topology.driver.type !== undefined) return null;
  const { driver } = plan.agent;
  const isOld = driver.docker === '18.09';
  if (driver.mode === 'blocking' && !driver.async && !isOld) {
    return {
      key: 'driver.async',
      text: 'Set it to true: lines then wait in a queue of driver.bufferLimit messages in the daemon, and the app goes on',
    };
  }
  return {
    key: 'driver.mode',
    text: 'Set it to non-blocking with max-buffer-size: the app goes on, and lines that do not fit are dropped instead',
  };
}

function lengthOf({ fromMs, toMs }: Interval): number {
  return toMs - fromMs;
}
