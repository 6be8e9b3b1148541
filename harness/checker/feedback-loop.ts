// Does the agent hear itself? Its own bytes are watched where it prints them, where the driver brings them back
// and where they leave it in pushes. The rules are in loop-rules.ts, what is looked at in loop-facts.ts.

import { z } from 'zod';
import { describeSize } from '../core/units.ts';
import type { CheckResult, Finding } from '../model/finding.ts';
import type { History } from '../model/history.ts';
import type { Ledger } from '../model/ledger.ts';
import { LINE_KINDS, type LineRecord } from '../model/line-record.ts';
import type { CheckerDefinition } from '../model/parts.ts';
import type { RunFacts } from '../model/run.ts';
import { describeCount } from './describe.ts';
import { findPeak } from './flow.ts';
import { type LoopFacts, readLoopFacts } from './loop-facts.ts';
import { judgeFlow, type LoopBehaviour, measureRingDown } from './loop-rules.ts';
import { createCheckerParams } from './params.ts';

const schema = z.strictObject({
  /** Own bytes per app byte above which the agent is loud. */
  ownBytesPerAppByteMax: z.number().min(0).default(0.01),
});

/** `feedback-loop`: howling, damped loops, printed payload, loops inside the agent. */
export const feedbackLoop: CheckerDefinition<z.output<typeof schema>> = {
  name: 'feedback-loop',
  params: createCheckerParams('feedback-loop', schema),
  async check({ history, ledger, params, run }) {
    const facts = await readLoopFacts(history, run, await sumForeignPieces(history, ledger, run));
    const causesEndMs = Math.max(run.loadEndMs, ...run.faults.map(({ toMs }) => toMs));
    const rule = {
      app: facts.app,
      ownBytesPerAppByteMax: params.ownBytesPerAppByteMax,
      refusedBytes: facts.refusedBytes,
      quietFromMs: causesEndMs + 2 * facts.flushIntervalMs,
      watchedUntilMs: facts.watchedUntilMs,
    };
    const numbers = measure(facts, ledger, causesEndMs);
    const own = judgeFlow({ ...rule, flow: facts.own });
    const internal = judgeFlow({ ...rule, flow: facts.internal });
    const findings = [
      ...findLoop(facts, own, numbers),
      ...findPayloadEcho(facts, numbers, run),
      ...findInternalLoop(facts, internal, numbers),
    ];
    return conclude(findings, numbers, findBlindSpots(facts, ledger, run, params.ownBytesPerAppByteMax));
  },
};

type Numbers = Record<string, number>;

function conclude(findings: Finding[], numbers: Numbers, blindSpots: string[]): CheckResult {
  if (findings.length > 0)
    return { verdict: 'invalid', numbers, reasons: findings.map(({ title }) => title), findings };
  return { verdict: blindSpots.length > 0 ? 'unknown' : 'valid', numbers, reasons: blindSpots, findings };
}

function measure(facts: LoopFacts, ledger: Ledger, causesEndMs: number): Numbers {
  const appBytes = facts.app.total() || ledger.total.writtenBytes;
  const { backslashRunMax, refusedBytes } = facts;
  return {
    ownBytes: facts.own.total(),
    ownBytesPerSecondMax: findPeak(facts.own, 1_000),
    ownBytesPerAppByte: appBytes === 0 ? 0 : facts.own.total() / appBytes,
    reenteredBytes: facts.reentered.total(),
    ownPushedBytes: facts.ownPushedBytes,
    internalBytes: facts.internal.total(),
    refusedBytes,
    gain: refusedBytes === 0 ? 0 : facts.reentered.total() / refusedBytes,
    ringDownMs: measureRingDown(facts.own, causesEndMs),
    backslashRunMax,
    // Each pass through the loop escapes what the last one escaped: runs of 2^n - 1.
    generations: Math.floor(Math.log2(backslashRunMax + 1)),
    payloadIdsInOwnLog: facts.payloadIds,
    flushIntervalMs: facts.flushIntervalMs,
  };
}

/** A share of its own bytes below this comes back only by accident. */
const RETURNING_SHARE = 0.1;

function findLoop(facts: LoopFacts, own: LoopBehaviour, numbers: Numbers): Finding[] {
  const returns = facts.reentered.total() > RETURNING_SHARE * facts.own.total();
  if (!own.isLoud || !returns) return [];
  const isHowling = own.isLasting || own.isAmplified;
  const { refs } = facts;
  const peak = `${describeSize(numbers.ownBytesPerSecondMax!)} per second`;
  const why = own.isLasting
    ? 'and it went on when load and faults had ended'
    : `and in sum it was ${describeCount(facts.own.total() / Math.max(1, facts.refusedBytes))} times what had been refused`;
  return [
    {
      checker: 'feedback-loop',
      class: isHowling ? 'howling' : 'damped-loop',
      hop: 'agent',
      severity: isHowling ? 'critical' : 'major',
      title: isHowling
        ? `The agent howls: up to ${peak} of its own output came back into it, ${facts.refusedBytes === 0 && !own.isLasting ? 'though nothing had been refused' : why}`
        : `The agent heard itself: up to ${peak} of its own output came back into it before it rang down`,
      fromMs: own.fromMs,
      toMs: own.toMs,
      numbers,
      evidence: [
        ...refs.refused.slice(0, 1),
        ...refs.own.slice(0, 1),
        ...refs.reentered.slice(0, 2),
        ...refs.backslashes,
      ],
      remedy: {
        key: 'self.driver',
        text: "Send the agent's own output to json-file or local, never to the socket that the agent itself reads",
      },
    },
  ];
}

function findPayloadEcho(facts: LoopFacts, numbers: Numbers, run: RunFacts): Finding[] {
  if (facts.payloadIds === 0) return [];
  const isFluentd = run.plan.agent.agent === 'fluentd';
  return [
    {
      checker: 'feedback-loop',
      class: 'payload-echo',
      hop: 'agent',
      severity: 'major',
      title: `The agent prints the lines it should forward: its own log holds ${describeCount(facts.payloadIds)} ids of app lines`,
      fromMs: 0,
      toMs: facts.own.endMs(),
      numbers,
      evidence: [...facts.refs.refused.slice(0, 1), ...facts.refs.payload],
      remedy: isFluentd
        ? {
            key: 'buffer chunk_limit_size',
            text: 'Keep a push below what the sink takes (1m), and take a version of the output plugin that logs no payload on errors',
          }
        : {
            key: 'config',
            text: 'Make the agent log errors without the payload; a log level above debug is not enough where errors carry it',
          },
    },
  ];
}

function findInternalLoop(facts: LoopFacts, internal: LoopBehaviour, numbers: Numbers): Finding[] {
  if (!internal.isLoud) return [];
  const isHowling = internal.isLasting || internal.isAmplified;
  return [
    {
      checker: 'feedback-loop',
      class: 'internal-loop',
      hop: 'agent',
      severity: isHowling ? 'critical' : 'major',
      title: `The agent feeds itself inside: it pushed ${describeSize(facts.internal.total())} that no app wrote and no driver brought${isHowling ? '' : ', and rang down'}`,
      fromMs: internal.fromMs,
      toMs: internal.toMs,
      numbers,
      evidence: [...facts.refs.refused.slice(0, 1), ...facts.refs.internal],
      remedy: {
        key: 'config',
        text: "Route the agent's internal events (errors, its own log records) away from the output that causes them",
      },
    },
  ];
}

/** Points that should have been watched and were not. */
function findBlindSpots(facts: LoopFacts, ledger: Ledger, run: RunFacts, ownBytesPerAppByteMax: number): string[] {
  const { total, unidentified } = ledger;
  if (total.writtenLines === 0) return ['No line was written, so nothing could have looped.'];
  const spots: string[] = [];
  const isOurDriver = run.plan.scenario.topology.driver.type === undefined;
  if (facts.driverReads === 0 && !facts.isReentryWatched && isOurDriver)
    spots.push('The driver reported nothing, so what came back into the agent was not watched.');
  if (facts.pushes > 0) return spots;
  // Another protocol than http: what the sink holds stands in for the pushes, without times.
  const strangeBytes = unidentified === undefined ? undefined : unidentified.bytes - total.anonymousBytes;
  const limit = Math.max(20_000, ownBytesPerAppByteMax * total.writtenBytes);
  if (strangeBytes === undefined || total.storedLines === 0)
    spots.push('No push was recorded, so what the agent sends beside app lines was not watched.');
  else if (strangeBytes > limit)
    spots.push(
      `The sink holds ${describeSize(strangeBytes)} that no app wrote, and no push was recorded that would tell when.`,
    );
  return spots;
}

const PIECE_BYTES = 16_384;
/** What a wrapper may add to a line that carries no id. */
const WRAPPER_BYTES = 512;

/**
 * Bytes without an id in pushes that apps wrote: the later pieces of lines that Docker cut and the agent did not
 * join, and anonymous lines inside a wrapper that was not learned. Wrapped and pushed again, they may count twice.
 */
async function sumForeignPieces(history: History, ledger: Ledger, run: RunFacts): Promise<number> {
  const isUnlearned = run.lineWrapper === 'unlearnable' || run.lineWrapper === 'auto';
  let bytes = isUnlearned ? ledger.total.anonymousBytes + ledger.total.anonymousLines * WRAPPER_BYTES : 0;
  if (!run.plan.scenario.load.some(({ sizesBytes }) => sizesBytes.some((size) => size > PIECE_BYTES))) return bytes;
  for (const app of history.apps()) {
    const add = (record: LineRecord): void => {
      if (record.value > 0 && record.bytes > PIECE_BYTES) bytes += (record.bytes - PIECE_BYTES) * 2;
    };
    await history.lines(app, add, [LINE_KINDS.written]);
  }
  return bytes;
}
