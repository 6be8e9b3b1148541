// Evidence in the recorded pushes: the recording hop writes the name of the rule that answered in place of the sink.

import type { Event, EventRef, PushData } from '../model/event.ts';
import type { History } from '../model/history.ts';

/** The span in which a fault was in force. */
export interface FaultWindow {
  fromNs: number;
  toNs: number;
}

/** More would prove nothing more. */
const REFS_MAX = 20;

/** References to the first pushes under way in the window that carry the fault's name and satisfy `proves`. */
export async function findFaultedPushes(
  history: History,
  window: FaultWindow,
  { fault, proves }: { fault: string; proves: (push: PushData) => boolean },
): Promise<EventRef[]> {
  const refs: EventRef[] = [];
  for await (const event of history.control()) {
    const push = asPush(event);
    if (!push || push.fault !== fault || !overlaps(push, window) || !proves(push)) continue;
    if (refs.push(eventRef(event)) === REFS_MAX) break;
  }
  return refs;
}

/** The push that an event tells of, or null. */
export function asPush(event: Event): PushData | null {
  return event.kind === 'push' && event.data ? (event.data as unknown as PushData) : null;
}

/** How evidence names an event. */
export function eventRef({ n }: Event): EventRef {
  return `history#${n}`;
}

/** A push that nobody answers is written down long after its window, so both its ends count. */
function overlaps({ startedNs, answeredNs }: PushData, { fromNs, toNs }: FaultWindow): boolean {
  return startedNs <= toNs && answeredNs >= fromNs;
}
