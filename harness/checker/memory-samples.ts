// What the agent's memory was during a run: resident bytes of its whole process group where the engine told them, each
// second; cut into stretches in which nothing but load acts on it, and the slope over these.

import type { Event, EventRef, ProbeData, ProcessData } from '../model/event.ts';
import type { History } from '../model/history.ts';
import type { RunFacts } from '../model/run.ts';

/** One measurement; ms since load start. */
export interface MemorySample {
  atMs: number;
  bytes: number;
  ref: EventRef;
}

/** All samples since load start, and when the agent was started anew. */
export interface MemoryFacts {
  samples: MemorySample[];
  restartsMs: number[];
}

/** Reads them. */
export async function readMemory(history: History, loadStartNs: number): Promise<MemoryFacts> {
  const facts: MemoryFacts = { samples: [], restartsMs: [] };
  for await (const event of history.control()) addEvent(facts, event, (event.atNs - loadStartNs) / 1e6);
  return facts;
}

function addEvent(facts: MemoryFacts, { kind, data, n }: Event, atMs: number): void {
  if (atMs < 0 || data === undefined) return;
  if (kind === 'process') {
    const { role, state } = data as unknown as ProcessData;
    if (role === 'agent' && state === 'started') facts.restartsMs.push(atMs);
  } else if (kind === 'probe') {
    const probe = data as unknown as ProbeData;
    if (probe.probe !== 'usage' || probe.role !== 'agent') return;
    facts.samples.push({ atMs, bytes: probe.groupRssBytes ?? probe.rssBytes, ref: `history#${n}` });
  }
}

/** What a fault leaves behind in memory is given back within so long. */
const SETTLE_MS = 5_000;
/** Shorter stretches tell more of noise than of a slope. */
const STRETCH_MIN_MS = 10_000;

/** The stretches: after `warmUpMs`, under load, without fault or restart inside, of ten seconds or more. */
export function findStretches({ samples, restartsMs }: MemoryFacts, run: RunFacts, warmUpMs: number): MemorySample[][] {
  const cuts = [
    ...run.faults.map(({ fromMs, toMs }) => ({ fromMs, toMs: toMs + SETTLE_MS })),
    ...restartsMs.map((ms) => ({ fromMs: ms, toMs: ms + warmUpMs })),
  ];
  const stretches: MemorySample[][] = [[]];
  for (const sample of samples) {
    const { atMs } = sample;
    if (atMs < warmUpMs || atMs > run.loadEndMs) continue;
    if (cuts.some(({ fromMs, toMs }) => atMs >= fromMs && atMs <= toMs)) stretches.push([]);
    else stretches.at(-1)!.push(sample);
  }
  return stretches.filter((stretch) => spanOf(stretch) >= STRETCH_MIN_MS);
}

/** Milliseconds from its first to its last sample. */
export function spanOf(stretch: readonly MemorySample[]): number {
  return stretch.length === 0 ? 0 : stretch.at(-1)!.atMs - stretch[0]!.atMs;
}

/** More samples of a stretch are thinned out: pairs grow with the square. */
const SAMPLES_MAX = 600;

/**
 * The slope in bytes per minute by Theil and Sen, the median over all pairs of a stretch, which a third of outliers
 * cannot move; and the share of pairs that rise. Null without pairs.
 */
export function measureSlope(
  stretches: readonly MemorySample[][],
): { bytesPerMinute: number; risingRatio: number } | null {
  const slopes: number[] = [];
  let rising = 0;
  for (const stretch of stretches) {
    const step = Math.ceil(stretch.length / SAMPLES_MAX);
    const thin = stretch.filter((_, index) => index % step === 0);
    for (let late = 1; late < thin.length; late++) {
      for (let early = 0; early < late; early++) {
        const bytes = thin[late]!.bytes - thin[early]!.bytes;
        slopes.push(bytes / ((thin[late]!.atMs - thin[early]!.atMs) / 60_000));
        if (bytes > 0) rising++;
      }
    }
  }
  if (slopes.length === 0) return null;
  const sorted = Float64Array.from(slopes).sort();
  return { bytesPerMinute: sorted[sorted.length >> 1]!, risingRatio: rising / slopes.length };
}
