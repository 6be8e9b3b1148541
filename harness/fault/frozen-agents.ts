// Which agents are frozen now. SIGCONT knows no owner: a fault that stops and continues the agent in turn has to leave it
// alone while another one has frozen it, and of two that froze it the last to heal thaws it.

import type { World } from '../model/parts.ts';

const holders = new WeakMap<World, number>();

/** One more fault has frozen the agent of this world. */
export function holdFrozen(world: World): void {
  holders.set(world, (holders.get(world) ?? 0) + 1);
}

/** One fault lets go. True: nobody holds the agent any more. */
export function releaseFrozen(world: World): boolean {
  const left = Math.max(0, (holders.get(world) ?? 0) - 1);
  holders.set(world, left);
  return left === 0;
}

/** Whether any fault has frozen the agent of this world. */
export function isHeldFrozen(world: World): boolean {
  return (holders.get(world) ?? 0) > 0;
}
