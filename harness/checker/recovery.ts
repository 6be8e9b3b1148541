// After the last fault is healed: is the backlog in the sink in time, and do new lines get through meanwhile? Judged by
// when lines were due and when the sink took them first; lines that never arrived are parity's.

import { z } from 'zod';
import { describeDuration } from '../core/units.ts';
import type { EventRef, HopRange } from '../model/event.ts';
import type { CheckResult, Finding } from '../model/finding.ts';
import type { History } from '../model/history.ts';
import type { CheckerDefinition } from '../model/parts.ts';
import type { RunFacts } from '../model/run.ts';
import { agentHop } from './agent-hop.ts';
import { type Backlog, type HealFacts, measureBacklog, readHeals, sightLine, type WaitingLine } from './backlog.ts';
import { type DeliveryTimes, readDeliveryTimes } from './delivery-times.ts';
import { describeLines, describeNames } from './describe.ts';
import { createCheckerParams, durationParam } from './params.ts';

const schema = z.strictObject({
  /** How long after the last heal the backlog may take. */
  within: durationParam.default(30_000),
  /** How long a line that was due after the heal may wait while backlog still comes. Default: as `within`. */
  liveLagMax: durationParam.optional(),
});

type RecoveryParams = z.output<typeof schema>;

/** `recovery`: too slow after the last heal, or live lines that wait for the backlog. */
export const recovery: CheckerDefinition<RecoveryParams> = {
  name: 'recovery',
  params: createCheckerParams('recovery', schema),
  async check({ history, params, run }) {
    if (run.faults.length === 0) return unknown('No fault was injected: there was nothing to recover from.');
    const healMs = Math.max(...run.faults.map(({ toMs }) => toMs));
    const liveLagMaxMs = params.liveLagMax ?? params.within;
    const apps: DeliveryTimes[] = [];
    for (const app of history.apps()) apps.push(await readDeliveryTimes(history, app, run.loadStartNs));
    const backlog = measureBacklog(apps, { healMs, liveLagMaxMs });
    const heals = await readHeals(history, run.loadStartNs);
    const watchedMs = Math.max(0, (heals.stopMs ?? run.endMs) - healMs);
    const context: Context = { history, run, params, healMs, liveLagMaxMs, watchedMs, heals };
    const findings = [...(await findTooSlow(backlog, context)), ...(await findStarved(backlog, context))];
    return conclude(backlog, context, findings);
  },
};

interface Context {
  history: History;
  run: RunFacts;
  params: RecoveryParams;
  healMs: number;
  liveLagMaxMs: number;
  /** From the heal until the parts were told to stop. */
  watchedMs: number;
  heals: HealFacts;
}

function unknown(reason: string, numbers: Record<string, number> = {}): CheckResult {
  return { verdict: 'unknown', numbers, reasons: [reason], findings: [] };
}

function conclude(backlog: Backlog, { healMs }: Context, findings: Finding[]): CheckResult {
  const { last, slowestLive } = backlog;
  const numbers: Record<string, number> = {
    healMs,
    backlogLines: backlog.lines,
    backlogMissingLines: backlog.missingLines,
    liveLines: backlog.liveLines,
    starvedLines: backlog.starvedLines,
    ...(last && { recoveryMs: last.acceptedMs - healMs }),
    ...(slowestLive && { liveLagMaxMs: slowestLive.acceptedMs - slowestLive.dueMs }),
  };
  if (findings.length > 0)
    return { verdict: 'invalid', numbers, reasons: findings.map(({ title }) => title), findings };
  if (backlog.lines > 0) return { verdict: 'valid', numbers, reasons: [], findings };
  return unknown(
    backlog.missingLines > 0
      ? `None of ${describeLines(backlog.missingLines)} that waited for the last heal was taken by the sink: there was no recovery to time.`
      : 'No line was waiting when the last fault was healed: there was nothing to recover.',
    numbers,
  );
}

async function findTooSlow(backlog: Backlog, context: Context): Promise<Finding[]> {
  const { params, healMs, watchedMs, run } = context;
  const { last } = backlog;
  if (last === null) {
    const isStuck = backlog.missingLines > 0 && backlog.acceptedAfterLines === 0 && watchedMs > params.within;
    if (!isStuck) return [];
    const title = `Nothing got through in the ${describeDuration(watchedMs)} after the last fault was healed, though ${describeLines(backlog.missingLines)} waited`;
    const numbers = { watchedMs, missingLines: backlog.missingLines };
    return [
      makeTooSlow(
        { hop: agentHop(run), title, toMs: healMs + watchedMs, numbers, evidence: context.heals.healed.slice(0, 1) },
        healMs,
      ),
    ];
  }
  const recoveryMs = last.acceptedMs - healMs;
  if (recoveryMs <= params.within) return [];
  const { hop, evidence } = await locate(last, healMs + params.within, context);
  const title = `The backlog of ${describeLines(backlog.lines)} took ${describeDuration(recoveryMs)} after the last fault was healed, ${describeDuration(params.within)} were allowed`;
  const numbers = { recoveryMs, backlogLines: backlog.lines };
  return [makeTooSlow({ hop, title, toMs: last.acceptedMs, numbers, evidence }, healMs)];
}

function makeTooSlow(told: Pick<Finding, 'hop' | 'title' | 'toMs' | 'numbers' | 'evidence'>, healMs: number): Finding {
  return {
    checker: 'recovery',
    class: 'too-slow',
    severity: 'major',
    fromMs: healMs,
    ...told,
    remedy:
      told.hop === 'driver'
        ? { key: 'driver.retryWait', text: 'Shorten it: waits between connects grow by half up to 60 s' }
        : {
            key: 'config',
            text: 'Bound the wait between retries to a few seconds, and push a backlog faster than it grows',
          },
  };
}

async function findStarved(backlog: Backlog, context: Context): Promise<Finding[]> {
  const { slowestLive, starvedLines, starvedApps } = backlog;
  if (starvedLines === 0 || !slowestLive) return [];
  const waitedMs = slowestLive.acceptedMs - slowestLive.dueMs;
  const { hop, evidence } = await locate(slowestLive, slowestLive.dueMs + context.liveLagMaxMs, context);
  return [
    {
      checker: 'recovery',
      class: 'backlog-starves-live',
      hop,
      severity: 'major',
      title: `${describeLines(starvedLines)} of ${describeNames(starvedApps)} that were due after the last heal waited up to ${describeDuration(waitedMs)} while the backlog was pushed, ${describeDuration(context.liveLagMaxMs)} were allowed`,
      fromMs: context.healMs,
      toMs: slowestLive.acceptedMs,
      numbers: { starvedLines, liveLagMaxMs: waitedMs, backlogLines: backlog.lines },
      evidence,
      remedy: {
        key: 'config',
        text: 'Give new lines a share of the pushes while a backlog drains: a second worker, or smaller batches in turn',
      },
    },
  ];
}

/**
 * A line that left the driver too late was held there: by the driver, if it still waited to connect again after the
 * heal, else by an agent that did not read.
 */
async function locate(
  line: WaitingLine,
  latestMs: number,
  { history, run, heals, healMs }: Context,
): Promise<{ hop: HopRange; evidence: EventRef[] }> {
  const { sentMs, evidence } = await sightLine(history, line, run.loadStartNs);
  const isHeld = sentMs !== null && sentMs > latestMs;
  const isAway = (heals.reconnectingMs.get(line.app) ?? Number.NEGATIVE_INFINITY) > healMs;
  const hop = isHeld ? (isAway ? 'driver' : 'driver..agent') : agentHop(run);
  return { hop, evidence: [...heals.healed.slice(0, 1), ...evidence] };
}
