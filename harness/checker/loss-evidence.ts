// Which events of the history prove a loss: the refusals, the driver's own words about drops, the death of the agent.

import type { DriverDroppedData, Event, EventRef, ProcessData, PushData } from '../model/event.ts';
import type { History } from '../model/history.ts';
import { AdmittedLoss } from './admitted-loss.ts';

/** First and last events of each kind. */
export interface Evidence {
  /** Refused pushes by status, with the text of the first. */
  refusals: Map<number, { refs: EventRef[]; text: string; isFault: boolean }>;
  /** Pushes that got no answer. */
  unanswered: EventRef[];
  drops: Map<string, EventRef[]>;
  agentDeaths: EventRef[];
  /** Pushes that were accepted, first and last. */
  accepted: EventRef[];
  /** Last words of the driver about what it holds. */
  driverState: EventRef[];
  /** Largest body the sink refused, bytes after decompression. */
  refusedBytesMax: number;
  /** What the agent's own counters admit. */
  admitted: AdmittedLoss;
}

/** Reads it in one pass over the control events since load start. */
export async function readEvidence(history: History, loadStartNs: number): Promise<Evidence> {
  const evidence: Evidence = {
    ...{ refusals: new Map(), unanswered: [], drops: new Map(), agentDeaths: [], accepted: [], driverState: [] },
    refusedBytesMax: 0,
    admitted: new AdmittedLoss(),
  };
  for await (const event of history.control()) {
    const isLoading = event.atNs >= loadStartNs;
    evidence.admitted.add(event, isLoading);
    if (isLoading && event.data !== undefined) addEvent(evidence, event);
  }
  return evidence;
}

/** What our driver holds, and what the Docker daemon writes about its own. */
const DRIVER_WORDS = new Set(['driver-state', 'daemon-log']);

function addEvent(evidence: Evidence, event: Event): void {
  const { data } = event;
  if (event.kind === 'push' && event.hop === 'sink') addPush(evidence, event, data as unknown as PushData);
  else if (event.kind === 'driver-dropped') {
    const { reason } = data as unknown as DriverDroppedData;
    const refs = evidence.drops.get(reason) ?? [];
    evidence.drops.set(reason, refs);
    keepEnds(refs, event);
  } else if (event.kind === 'process' && isDeath(data as unknown as ProcessData)) keepEnds(evidence.agentDeaths, event);
  else if (event.kind === 'probe' && DRIVER_WORDS.has((data as { probe?: string }).probe ?? ''))
    evidence.driverState = [refOf(event)];
}

function addPush(evidence: Evidence, event: Event, push: PushData): void {
  if (push.status >= 200 && push.status < 300) {
    keepEnds(evidence.accepted, event);
    return;
  }
  if (push.status === 0) keepEnds(evidence.unanswered, event);
  const refusal = evidence.refusals.get(push.status) ?? {
    refs: [],
    text: push.refusal ?? '',
    isFault: push.fault !== undefined,
  };
  evidence.refusals.set(push.status, refusal);
  keepEnds(refusal.refs, event);
  evidence.refusedBytesMax = Math.max(evidence.refusedBytesMax, push.decodedBytes);
}

function isDeath({ role, state }: ProcessData): boolean {
  return role === 'agent' && (state === 'killed' || state === 'exited');
}

/** Keeps the first and the last of its kind. */
function keepEnds(refs: EventRef[], event: Event): void {
  refs[refs.length === 0 ? 0 : 1] = refOf(event);
}

function refOf(event: Event): EventRef {
  return `history#${event.n}`;
}
