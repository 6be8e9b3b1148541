// The sink is gone: connections are refused. No hop can see an attempt that was refused, so the fault looks for
// itself, after it has stopped the sink and again before it starts it. Evidence: both looks were refused, pushes came
// before and none was accepted in between.

import { z } from 'zod';
import type { Event, EventRef } from '../model/event.ts';
import type { FaultDefinition, World } from '../model/parts.ts';
import { connectTo } from './connect-to.ts';
import { asPush, eventRef } from './push-evidence.ts';

const NAME = 'sink-down';

type Look = { fault: string; look: 'after-stop' | 'before-start'; listening: boolean; error: string };

/** Has no parameters. */
export const sinkDown: FaultDefinition<Record<string, never>> = {
  name: NAME,
  hop: 'sink',
  engines: ['process', 'docker'],
  params: z.strictObject({}),
  inject: async (world) => {
    await world.sink.stop();
    await look(world, 'after-stop');
  },
  heal: async (world) => {
    await look(world, 'before-start');
    await world.sink.start();
  },
  bit: async (history, { fromNs, toNs }) => {
    const looks: { event: Event; data: Look }[] = [];
    let pushedBefore: EventRef | null = null;
    for await (const event of history.control()) {
      const push = asPush(event);
      if (push && push.startedNs < fromNs) pushedBefore = eventRef(event);
      // Begun while it was down and taken all the same: it was not down.
      else if (push && isDownAt(looks, push.startedNs, toNs) && push.status >= 200 && push.status < 300) return [];
      if (event.data?.fault === NAME && event.data.look !== undefined && event.atNs >= fromNs) {
        looks.push({ event, data: event.data as Look });
      }
    }
    const first = looks.find(({ data }) => data.look === 'after-stop');
    const last = looks.find(({ data }) => data.look === 'before-start');
    if (!pushedBefore || !first || first.data.listening || last?.data.listening) return [];
    return [pushedBefore, eventRef(first.event), ...(last ? [eventRef(last.event)] : [])];
  },
};

/** Between the first look and the end of the window; stopping itself takes a moment. */
function isDownAt(looks: { event: Event; data: Look }[], atNs: number, toNs: number): boolean {
  const first = looks[0];
  const last = looks.find(({ data }) => data.look === 'before-start');
  return first !== undefined && atNs > first.event.atNs && atNs < (last?.event.atNs ?? toNs);
}

/** Without an address there is nothing to look at, no mark, and so no evidence. */
async function look(world: World, when: Look['look']): Promise<void> {
  if (world.sink.url === undefined) return;
  const error = await connectTo(world.sink.url);
  world.mark('fault-bit', { fault: NAME, look: when, listening: error !== 'ECONNREFUSED', error } satisfies Look);
}
