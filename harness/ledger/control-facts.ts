// What the control events say that single line records cannot: when a connection to the agent broke, when the agent
// died, which refused pushes were refused for one of their lines, and what was pushed that is no line of this run.

import type { DriverLoggerState, Event, Hop, PhaseData, ProbeData, ProcessData, PushData } from '../model/event.ts';
import type { History } from '../model/history.ts';
import { describeLineError, isAccepted, isRetryable } from './refusal.ts';

/** Facts of the control events that decide about accounts and hops. */
export interface ControlFacts {
  /** Last moment (ns) at which the driver's connection of an app was seen broken. */
  brokenNs: Map<string, number>;
  /** Last moment (ns) at which the agent died or was killed; 0 when it only ended as asked. */
  agentDiedNs: number;
  /** Pushes at the sink that were refused for a line of theirs: number of the push → what was wrong. */
  lineErrors: Map<number, string>;
  /** Ids in pushes that no app of this run can have made → the hop where they were seen. At most 10,000. */
  foreignIds: Map<string, Hop>;
  /** Entries without one id of an app line in pushes that the sink accepted. */
  acceptedOwnEntries: number;
}

const FOREIGN_IDS_MAX = 10_000;

/** Reads them in one pass over the control events. */
export async function readControlFacts(history: History): Promise<ControlFacts> {
  const facts: ControlFacts = {
    brokenNs: new Map(),
    agentDiedNs: 0,
    lineErrors: new Map(),
    foreignIds: new Map(),
    acceptedOwnEntries: 0,
  };
  const state = { stopping: false };
  for await (const event of history.control()) addEvent(facts, state, event);
  return facts;
}

function addEvent(facts: ControlFacts, state: { stopping: boolean }, event: Event): void {
  const data = event.data as unknown;
  if (data === undefined) return;
  if (event.kind === 'phase') state.stopping ||= (data as PhaseData).phase === 'stop';
  else if (event.kind === 'push') addPush(facts, event.hop, data as PushData);
  else if (event.kind === 'process' && isDeath(data as ProcessData, state.stopping)) facts.agentDiedNs = event.atNs;
  else if (event.kind === 'probe' && (data as ProbeData).probe === 'driver-state') {
    addBroken(facts, event.atNs, (data as { loggers: DriverLoggerState[] }).loggers);
  }
}

/** An exit that ends the agent's work as asked, after the load, is no death; every other end is. */
function isDeath(data: ProcessData, stopping: boolean): boolean {
  if (data.role !== 'agent') return false;
  return data.state === 'killed' || (data.state === 'exited' && (!stopping || data.signal === 'SIGKILL'));
}

function addBroken(facts: ControlFacts, atNs: number, loggers: DriverLoggerState[]): void {
  for (const logger of loggers) if (logger.state === 'reconnecting') facts.brokenNs.set(logger.app, atNs);
}

function addPush(facts: ControlFacts, hop: Hop, push: PushData): void {
  for (const id of push.foreign ?? []) if (facts.foreignIds.size < FOREIGN_IDS_MAX) facts.foreignIds.set(id, hop);
  if (hop !== 'sink') return;
  if (isAccepted(push.status)) facts.acceptedOwnEntries += push.ownEntries;
  else addRefusal(facts, push);
}

/** A 400 whose text names a line error; a 413 of a push that held one line only. */
function addRefusal(facts: ControlFacts, push: PushData): void {
  if (isRetryable(push.status)) return;
  const lineError = push.status === 400 ? describeLineError(push.refusal ?? '') : null;
  if (lineError) facts.lineErrors.set(push.push, lineError);
  else if (push.status === 413 && push.entries === 1) facts.lineErrors.set(push.push, 'line too long');
}
