// Standstills as they look from outside of the app: requests that are not answered, and commands to a container
// runtime that do not come back.

import { describeDuration } from '../core/units.ts';
import type { Finding } from '../model/finding.ts';
import { overlaps } from './blocked-runs.ts';
import { describeCount } from './describe.ts';
import { isHttp, type Judged, type StallCase, type WatchedApp } from './stall-case.ts';
import type { StallFacts } from './stall-facts.ts';
import { describeNoise } from './stall-findings.ts';

/** A request that was not even sent has waited unseen; counted as a freeze's length at least. */
const UNSENT_WAIT_MS = 1_000;

/** Requests beyond the allowed share without a good answer, unless a freeze that is already found explains them. */
export function findFailedRequests(stallCase: StallCase, stalls: Finding[]): Judged {
  const judged: Judged = { findings: [], doubts: [] };
  for (const app of stallCase.apps) {
    const { requests, failures } = app.times;
    const ratio = isHttp(app.times) ? (requests.failed + requests.notSent) / Math.max(1, requests.due) : 0;
    const isExplained = stalls.some((finding) => finding.severity !== 'minor' && overlaps(finding, failures));
    if (ratio <= stallCase.params.httpFailedMaxRatio || isExplained) continue;
    const noise =
      describeIdlePipes(stallCase, app) ??
      describeNoise(stallCase.facts, failures, Math.max(UNSENT_WAIT_MS, failures.waitedMaxMs));
    if (noise === null) judged.findings.push(describeFailures(app, ratio));
    else
      judged.doubts.push(
        `${describeCount(failures.count)} requests to ${app.times.app} had no good answer, but ${noise}.`,
      );
  }
  return judged;
}

/**
 * Requests fail through the pipeline only where an app stands in a write or has ended. Where all writes are on record
 * and none was slow, the apps or the machine could not serve the load, and nothing is said about the pipeline.
 */
function describeIdlePipes({ apps, facts, run }: StallCase, { times }: WatchedApp): string | null {
  if (times.writes === 0) return null;
  const { failures } = times;
  const hasSlowWrite = apps.some((app) => app.times.slow.some((write) => overlaps(write, failures)));
  // After load every app is stopped, and what still waits for an answer then fails with it.
  const hasEnded = [...facts.appEndsMs.values()].some((endMs) => endMs <= Math.min(failures.toMs, run.loadEndMs));
  return hasSlowWrite || hasEnded ? null : 'no app stood in a write meanwhile: the machine was too slow for this load';
}

function describeFailures({ times }: WatchedApp, ratio: number): Finding {
  const { requests, failures, app } = times;
  return {
    checker: 'socket-stall',
    class: 'freeze',
    hop: 'app',
    severity: 'critical',
    title: `${describeCount(failures.count)} of ${describeCount(requests.due)} requests to ${app} had no good answer`,
    fromMs: failures.fromMs,
    toMs: failures.toMs,
    numbers: {
      failedRatio: ratio,
      failedRequests: requests.failed,
      notSentRequests: requests.notSent,
      badStatusRequests: requests.badStatus,
      waitedMaxMs: failures.waitedMaxMs,
    },
    evidence: [],
    remedy: null,
  };
}

/** `docker stop` of a container whose PID 1 ignores SIGTERM takes 10 s and is healthy; 15 s is not. */
const RUNTIME_MAX_MS = 15_000;

/** Commands such as stop, rm or inspect that did not come back in time. */
export function findRuntimeHangs({ facts, params }: StallCase): Judged {
  const { runtime } = facts;
  const doubts =
    params.runtimeMax !== undefined && !runtime.some(({ when }) => when !== 'tear-down')
      ? ['The container runtime was never asked, so it could not be seen to hang.']
      : [];
  const hangs = runtime.filter(({ tookMs }) => tookMs > (params.runtimeMax ?? RUNTIME_MAX_MS));
  const [first] = hangs;
  if (!first) return { findings: [], doubts };
  const worst = hangs.reduce((a, b) => (b.tookMs > a.tookMs ? b : a));
  const commands = [...new Set(hangs.map(({ command }) => `\`${command}\``))].join(', ');
  const end = hangs.some(({ rescued }) => rescued)
    ? ', and only a listener in place of the agent freed it'
    : hangs.some(({ answered }) => !answered)
      ? ' and had not when the run ended'
      : '';
  const finding: Finding = {
    checker: 'socket-stall',
    class: 'runtime-hang',
    hop: 'driver',
    severity: 'critical',
    title: `The container runtime did not answer ${commands} for up to ${describeDuration(worst.tookMs)}${end}: its log driver could not be closed`,
    fromMs: Math.max(0, Math.min(...hangs.map(({ atMs, tookMs }) => atMs - tookMs))),
    toMs: Math.max(...hangs.map(({ atMs }) => atMs)),
    numbers: { hangs: hangs.length, tookMaxMs: worst.tookMs },
    evidence: hangs.slice(0, 5).map(({ ref }) => ref),
    remedy: {
      key: 'driver.options',
      text: 'Set fluentd-write-timeout (Docker 28.2 and later) beside fluentd-async, so that a reader that does not read cannot hold the daemon',
    },
  };
  return { findings: [finding], doubts };
}

/** The longest that each command took: `runtime.stopMaxMs`. */
export function measureRuntime({ runtime }: Pick<StallFacts, 'runtime'>): Record<string, number> {
  const numbers: Record<string, number> = {};
  for (const { command, tookMs } of runtime) {
    const key = `runtime.${command}MaxMs`;
    numbers[key] = Math.max(numbers[key] ?? 0, tookMs);
  }
  return numbers;
}
