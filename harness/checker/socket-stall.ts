// Does the pipeline hold up the apps? Judged by the time of each write(2), open ones included, and by requests from
// outside; a control emitter on a pipe that is always drained tells the machine's noise from the pipeline's doing.

import type { CheckResult } from '../model/finding.ts';
import type { History } from '../model/history.ts';
import type { CheckerDefinition } from '../model/parts.ts';
import type { RunFacts } from '../model/run.ts';
import { findBlockedRuns, overlaps } from './blocked-runs.ts';
import { findCircularWait, findPipeFull } from './circular-wait.ts';
import { isHttp, type Judged, type StallCase, type StallParams, stallParams, type WatchedApp } from './stall-case.ts';
import { readStallFacts, type StallFacts } from './stall-facts.ts';
import { findStalls } from './stall-findings.ts';
import { findFailedRequests, findRuntimeHangs, measureRuntime } from './stall-outside.ts';
import { type BlockedRun, measureWrites } from './write-times.ts';

/** `socket-stall`: freezes, spikes, circular waits, hanging container runtimes. */
export const socketStall: CheckerDefinition<StallParams> = {
  name: 'socket-stall',
  params: stallParams,
  async check({ history, params, run }) {
    const facts = await readStallFacts(history, run.loadStartNs);
    const apps: WatchedApp[] = [];
    for (const name of history.apps()) apps.push(await watchApp(history, name, { facts, run, params }));
    const stallCase: StallCase = { apps, facts, run, params };
    const stalls = findStalls(stallCase);
    const judged = [
      stalls,
      findCircularWait(stallCase, stalls.findings),
      findFailedRequests(stallCase, stalls.findings),
      findRuntimeHangs(stallCase),
      { findings: [], doubts: [...findBlindSpots(apps), ...findLateLoad(stallCase)] },
    ];
    return conclude(judged, measure(apps, facts));
  },
};

async function watchApp(
  history: History,
  name: string,
  { facts, run, params }: { facts: StallFacts; run: RunFacts; params: StallParams },
): Promise<WatchedApp> {
  const published = facts.openWrites.get(name) ?? new Map();
  const endMs = Math.min(facts.appEndsMs.get(name) ?? run.endMs, run.endMs);
  const options = { loadStartNs: run.loadStartNs, endMs, published, writeMaxMs: params.writeMax };
  const times = await measureWrites(history, name, options);
  const opens = [...published.values()] as { queued: boolean; waitingLines: number }[];
  const spec = run.plan.scenario.topology.apps[name];
  const isQueued = spec?.writes === 'queued' || opens.some(({ queued }) => queued);
  // An app that does not tell of its writes stands still while its pipe takes no more.
  const isSilent = times.writes === 0 && times.slow.length === 0;
  const runs = isQueued ? [] : isSilent ? findPipeFull(facts.loggers.get(name) ?? []) : findBlockedRuns(times.slow);
  return { times, runs, isQueued, waitingLinesMax: Math.max(0, ...opens.map(({ waitingLines }) => waitingLines)) };
}

function conclude(judged: Judged[], numbers: Record<string, number>): CheckResult {
  const findings = judged.flatMap((one) => one.findings);
  const doubts = judged.flatMap((one) => one.doubts);
  // Below the limit a spike is told, not judged.
  const broken = findings.filter(({ severity }) => severity !== 'minor');
  if (broken.length > 0) return { verdict: 'invalid', numbers, reasons: broken.map(({ title }) => title), findings };
  return { verdict: doubts.length > 0 ? 'unknown' : 'valid', numbers, reasons: doubts, findings };
}

function measure(apps: WatchedApp[], facts: StallFacts): Record<string, number> {
  const numbers: Record<string, number> = {
    writeMaxMs: Math.max(0, ...apps.filter(({ isQueued }) => !isQueued).map(({ times }) => times.writeMaxMs)),
    blockedMs: apps.reduce((sum, { runs }) => sum + sumRuns(runs), 0),
    controlMaxMs: facts.control.reduce((worst, { worstMs }) => Math.max(worst, worstMs), 0),
    loadLatenessMaxMs: facts.load.reduce((worst, { maxLatenessMs }) => Math.max(worst, maxLatenessMs), 0),
    ...measureRuntime(facts),
  };
  for (const { times, runs, isQueued, waitingLinesMax } of apps) {
    const { requests } = times;
    const ofApp: Record<string, number> = { writeMaxMs: times.writeMaxMs, blockedMs: sumRuns(runs) };
    if (runs[0]) ofApp.blockedFromMs = runs[0].fromMs;
    if (isQueued) ofApp.waitingLinesMax = waitingLinesMax;
    if (isHttp(times)) {
      Object.assign(ofApp, {
        dueRequests: requests.due,
        answeredRequests: requests.answered,
        failedRequests: requests.failed,
        notSentRequests: requests.notSent,
      });
    } else Object.assign(ofApp, { latenessP99Ms: times.latenessP99Ms, latenessMaxMs: times.latenessMaxMs });
    for (const [key, value] of Object.entries(ofApp)) numbers[`${times.app}.${key}`] = value;
  }
  return numbers;
}

function sumRuns(runs: BlockedRun[]): number {
  return runs.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
}

/** An app whose lines were due and of which nothing was seen may have stood still all the time. */
function findBlindSpots(apps: WatchedApp[]): string[] {
  const due = apps.filter(({ times }) => times.requests.due > 0 || times.writes > 0);
  if (due.length === 0) return ['Nothing was due, so nothing could stand still.'];
  return due
    .filter((app) => !isWatched(app))
    .map(
      ({ times }) =>
        `${times.app} reported no write and answered no request, and nobody saw a line of it: a standstill could not be seen.`,
    );
}

function isWatched({ times, runs }: WatchedApp): boolean {
  return times.writes > 0 || times.reads > 0 || times.slow.length > 0 || runs.length > 0 || isHttp(times);
}

const LATE_MS = 500;
const PROBE_MS = 1_500;

/** A late generator makes the measurement doubtful, unless it was late because nobody answered. */
function findLateLoad({ apps, facts }: StallCase): string[] {
  const late = facts.load.filter(({ atMs, maxLatenessMs, eventLoopMaxMs }) => {
    if (Math.max(maxLatenessMs, eventLoopMaxMs) <= LATE_MS) return false;
    const window = { fromMs: atMs - PROBE_MS, toMs: atMs };
    const isAnswered = apps.some(({ times }) => times.answeredBetween(window.fromMs, window.toMs));
    return isAnswered && !apps.some(({ runs }) => runs.some((run) => overlaps(run, window)));
  });
  const worstMs = Math.max(
    0,
    ...late.map(({ maxLatenessMs, eventLoopMaxMs }) => Math.max(maxLatenessMs, eventLoopMaxMs)),
  );
  const reasons =
    late.length === 0
      ? []
      : [
          `The load generator itself was up to ${Math.round(worstMs)} ms late while its target answered: the machine was too busy to measure on.`,
        ];
  for (const { times, runs, isQueued } of apps) {
    if (isHttp(times) || isQueued || runs.length > 0 || times.latenessP99Ms <= LATE_MS) continue;
    reasons.push(
      `${times.app} wrote its lines up to ${Math.round(times.latenessP99Ms)} ms late though no write held it up: the machine was too busy to measure on.`,
    );
  }
  return reasons;
}
