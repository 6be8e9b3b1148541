// The order of a comparison's runs: blocks of one repeat of one scenario, in each block every agent once with the same
// seed, in random order. What drifts on the machine then hits all agents alike, and whoever runs first is chance.

import { createPrng } from '../../core/prng.ts';
import type { RunPlan } from '../../model/run.ts';

/** The plans in the order of their runs; the same for the same seed. */
export function orderBlocks(plans: readonly RunPlan[], seed: number): RunPlan[] {
  const blocks = new Map<string, RunPlan[]>();
  for (const plan of plans) {
    const key = `${plan.repeat}/${plan.scenario.id}`;
    blocks.set(key, [...(blocks.get(key) ?? []), plan]);
  }
  return [...blocks].flatMap(([key, block]) => shuffle(block, `${seed}/compare/${key}`));
}

/** Fisher–Yates. */
function shuffle<Item>(items: readonly Item[], seed: string): Item[] {
  const prng = createPrng(seed);
  const shuffled = [...items];
  for (let last = shuffled.length - 1; last > 0; last--) {
    const other = prng.integer({ min: 0, max: last });
    [shuffled[last], shuffled[other]] = [shuffled[other]!, shuffled[last]!];
  }
  return shuffled;
}
