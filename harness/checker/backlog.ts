// What waited for the last heal, and what came after it: the backlog is the lines that were due before it and that the
// sink took after it; live lines are those due after it. Lines that never arrived are parity's.

import type { DriverLoggerState, EventRef, PhaseData, PushData } from '../model/event.ts';
import type { History } from '../model/history.ts';
import { HOPS, LINE_KINDS } from '../model/line-record.ts';
import { type DeliveryTimes, timeToMs } from './delivery-times.ts';

/** The line that waited longest; ms since load start. */
export interface WaitingLine {
  app: string;
  seq: number;
  dueMs: number;
  acceptedMs: number;
}

/** What was found. */
export interface Backlog {
  lines: number;
  /** Due before the heal and never taken. */
  missingLines: number;
  /** The line of the backlog that came last. */
  last: WaitingLine | null;
  liveLines: number;
  /** Live lines that were due while backlog was still coming, and waited longer than allowed. */
  starvedLines: number;
  slowestLive: WaitingLine | null;
  starvedApps: string[];
  /** Lines of which the sink took any after the heal. */
  acceptedAfterLines: number;
}

/** Counts both kinds; `liveLagMaxMs`: how long a live line may wait. */
export function measureBacklog(
  apps: readonly DeliveryTimes[],
  { healMs, liveLagMaxMs }: { healMs: number; liveLagMaxMs: number },
): Backlog {
  const found: Backlog = {
    ...{ lines: 0, missingLines: 0, last: null, liveLines: 0, starvedLines: 0, slowestLive: null },
    ...{ starvedApps: [], acceptedAfterLines: 0 },
  };
  for (const times of apps) for (let seq = 0; seq < times.length; seq++) countWaiting(found, times, seq, healMs);
  const doneMs = found.last?.acceptedMs ?? healMs;
  for (const times of apps) {
    const before = found.starvedLines;
    for (let seq = 0; seq < times.length; seq++) countLive(found, times, seq, { healMs, doneMs, liveLagMaxMs });
    if (found.starvedLines > before) found.starvedApps.push(times.app);
  }
  return found;
}

function countWaiting(found: Backlog, { app, due, accepted }: DeliveryTimes, seq: number, healMs: number): void {
  if (due[seq] === 0) return;
  const dueMs = timeToMs(due[seq]!);
  if (accepted[seq] === 0) {
    if (dueMs <= healMs) found.missingLines++;
    return;
  }
  const acceptedMs = timeToMs(accepted[seq]!);
  if (acceptedMs <= healMs) return;
  found.acceptedAfterLines++;
  if (dueMs > healMs) return;
  found.lines++;
  if (!found.last || acceptedMs > found.last.acceptedMs) found.last = { app, seq, dueMs, acceptedMs };
}

function countLive(
  found: Backlog,
  { app, due, accepted }: DeliveryTimes,
  seq: number,
  { healMs, doneMs, liveLagMaxMs }: { healMs: number; doneMs: number; liveLagMaxMs: number },
): void {
  if (due[seq] === 0 || accepted[seq] === 0) return;
  const dueMs = timeToMs(due[seq]!);
  if (dueMs <= healMs) return;
  found.liveLines++;
  const acceptedMs = timeToMs(accepted[seq]!);
  const slowest = found.slowestLive;
  if (!slowest || acceptedMs - dueMs > slowest.acceptedMs - slowest.dueMs)
    found.slowestLive = { app, seq, dueMs, acceptedMs };
  if (acceptedMs - dueMs > liveLagMaxMs && dueMs < doneMs) found.starvedLines++;
}

/** Where a line waited, and the events that tell of its end. */
export interface Sighted {
  /** When it left the driver, ms since load start; null where nobody saw that. */
  sentMs: number | null;
  /** The push that the sink took. */
  evidence: EventRef[];
}

/** Looks a line up in the history. */
export async function sightLine(history: History, line: WaitingLine, loadStartNs: number): Promise<Sighted> {
  let sentMs: number | null = null;
  let push: number | null = null;
  await history.lines(line.app, (record) => {
    if (record.seq !== line.seq) return;
    if (record.kind === LINE_KINDS.driverSent) sentMs ??= (record.atNs - loadStartNs) / 1e6;
    const isTaken = record.kind === LINE_KINDS.pushed && record.detail >= 200 && record.detail < 300;
    if (isTaken && HOPS[record.hop] !== 'relay') push ??= record.value;
  });
  const evidence: EventRef[] = [];
  for await (const { kind, hop, data, n } of history.control())
    if (kind === 'push' && hop === 'sink' && push !== null && (data as unknown as PushData).push === push)
      evidence.push(`history#${n}`);
  return { sentMs, evidence };
}

/** What the control events tell of the time after a heal; ms since load start. */
export interface HealFacts {
  /** The events that healed faults, the last first. */
  healed: EventRef[];
  /** When the parts were told to stop. */
  stopMs: number | null;
  /** When the driver last waited to connect again, by app. */
  reconnectingMs: Map<string, number>;
}

/** Reads them. */
export async function readHeals(history: History, loadStartNs: number): Promise<HealFacts> {
  const facts: HealFacts = { healed: [], stopMs: null, reconnectingMs: new Map() };
  for await (const { kind, atNs, data, n } of history.control()) {
    const ms = (atNs - loadStartNs) / 1e6;
    if (kind === 'fault-healed') facts.healed.unshift(`history#${n}`);
    else if (kind === 'phase' && (data as PhaseData | undefined)?.phase === 'stop') facts.stopMs = ms;
    else if (kind === 'probe' && data?.probe === 'driver-state')
      for (const { app, state } of data.loggers as DriverLoggerState[])
        if (state === 'reconnecting') facts.reconnectingMs.set(app, ms);
  }
  return facts;
}
