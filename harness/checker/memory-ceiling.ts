// Does the agent stay within its memory? By its resident bytes, measured each second: over a ceiling at any time, or
// growing on and on while nothing but load acts on it.

import { z } from 'zod';
import { describeDuration, describeSize } from '../core/units.ts';
import type { Finding } from '../model/finding.ts';
import type { CheckerDefinition } from '../model/parts.ts';
import { findStretches, type MemorySample, measureSlope, readMemory, spanOf } from './memory-samples.ts';
import { createCheckerParams, durationParam, sizeParam } from './params.ts';

const schema = z.strictObject({
  /** Resident bytes of the agent and its children. Default: `topology.agent.memoryMax`. */
  max: sizeParam.optional(),
  /** How much it may grow in a minute of steady load; asked for by name, it must be measurable. Default: 32 MiB. */
  growthPerMinuteMax: sizeParam.optional(),
  /** Growth counts from here on, and from here after a restart. */
  warmUp: durationParam.default(15_000),
  /** The least time without fault and restart over which growth can be told. */
  growthOver: durationParam.default(30_000),
});

type MemoryParams = z.output<typeof schema>;

const GROWTH_PER_MINUTE_MAX = 32 * 1_048_576;
/** Sawteeth of a garbage collector rise in some 60 of 100 pairs, a leak in nearly all. */
const RISING_RATIO_MIN = 0.75;

/** `memory-ceiling`: memory over a ceiling, or growing without end. */
export const memoryCeiling: CheckerDefinition<MemoryParams> = {
  name: 'memory-ceiling',
  params: createCheckerParams('memory-ceiling', schema),
  async check({ history, ledger, params, run }) {
    const facts = await readMemory(history, run.loadStartNs);
    const maxBytes = params.max ?? run.plan.scenario.topology.agent.memoryMaxBytes;
    const growthMax = params.growthPerMinuteMax ?? GROWTH_PER_MINUTE_MAX;
    const stretches = findStretches(facts, run, params.warmUp);
    const steadyMs = stretches.reduce((sum, stretch) => sum + spanOf(stretch), 0);
    const slope = steadyMs >= params.growthOver ? measureSlope(stretches) : null;
    const numbers: Record<string, number> = {
      samples: facts.samples.length,
      peakBytes: facts.samples.reduce((peak, { bytes }) => Math.max(peak, bytes), 0),
      steadyMs,
      ...(maxBytes !== null && { maxBytes }),
      ...(slope && { growthBytesPerMinute: slope.bytesPerMinute, risingRatio: slope.risingRatio }),
    };
    const findings = [
      ...findExceeded(facts.samples, maxBytes),
      ...(slope && slope.bytesPerMinute > growthMax && slope.risingRatio >= RISING_RATIO_MIN
        ? [describeGrowth(stretches, { bytesPerMinute: slope.bytesPerMinute, growthMax, steadyMs })]
        : []),
    ];
    if (findings.length > 0)
      return { verdict: 'invalid', numbers, reasons: findings.map(({ title }) => title), findings };
    const needsGrowth = maxBytes === null || params.growthPerMinuteMax !== undefined;
    const reasons = [
      ...(ledger.total.writtenLines === 0 ? ['Not a line was written: memory without load tells nothing.'] : []),
      ...(facts.samples.length === 0 ? ['The memory of the agent was never measured.'] : []),
      ...(needsGrowth && slope === null && facts.samples.length > 0
        ? [
            `Only ${describeDuration(steadyMs)} of load without fault or restart were measured after ${describeDuration(params.warmUp)}: growth cannot be told from less than ${describeDuration(params.growthOver)}.`,
          ]
        : []),
    ];
    return { verdict: reasons.length > 0 ? 'unknown' : 'valid', numbers, reasons, findings };
  },
};

function findExceeded(samples: readonly MemorySample[], maxBytes: number | null): Finding[] {
  const over = maxBytes === null ? [] : samples.filter(({ bytes }) => bytes > maxBytes);
  const [first] = over;
  if (!first || maxBytes === null) return [];
  const peak = over.reduce((most, sample) => (sample.bytes > most.bytes ? sample : most), first);
  return [
    {
      checker: 'memory-ceiling',
      class: 'exceeded',
      hop: 'agent',
      severity: 'major',
      title: `The agent held up to ${describeSize(peak.bytes)} of memory, ${describeSize(maxBytes)} were allowed`,
      fromMs: first.atMs,
      toMs: over.at(-1)!.atMs,
      numbers: { peakBytes: peak.bytes, maxBytes },
      evidence: [...new Set([first.ref, peak.ref])],
      remedy: {
        key: 'config',
        text: 'Bound the buffers of the agent in bytes (Fluent Bit: mem_buf_limit is none by default), or let them go to disk',
      },
    },
  ];
}

function describeGrowth(
  stretches: readonly MemorySample[][],
  { bytesPerMinute, growthMax, steadyMs }: { bytesPerMinute: number; growthMax: number; steadyMs: number },
): Finding {
  const first = stretches[0]![0]!;
  const last = stretches.at(-1)!.at(-1)!;
  return {
    checker: 'memory-ceiling',
    class: 'growing',
    hop: 'agent',
    severity: 'major',
    title: `The agent's memory grew by ${describeSize(bytesPerMinute)} a minute over ${describeDuration(steadyMs)} of load without a fault, ${describeSize(growthMax)} were allowed`,
    fromMs: first.atMs,
    toMs: last.atMs,
    numbers: { growthBytesPerMinute: bytesPerMinute, firstBytes: first.bytes, lastBytes: last.bytes },
    evidence: [first.ref, last.ref],
    remedy: {
      key: 'config',
      text: 'Look for what is kept for each line or each stream: labels of high cardinality, an unbounded queue, a cache without an end',
    },
  };
}
