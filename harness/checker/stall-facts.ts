// What the control events say about standstills: the machine's own noise, open writes, what the driver and the
// agent's threads were doing, and how late the load generator itself was.

import type {
  DriverLoggerState,
  Event,
  EventRef,
  OpenWriteData,
  ProbeData,
  ProcessData,
  RuntimeProbeData,
  WriteEndData,
} from '../model/event.ts';
import type { History } from '../model/history.ts';
import type { Interval } from './write-times.ts';

/** A moment with the event that tells of it. */
export interface Sighting {
  atMs: number;
  ref: EventRef;
}

/** What the driver said of one of its loggers. */
export interface LoggerSighting extends Sighting {
  state: DriverLoggerState;
}

/** The facts; times in ms since load start. */
export interface StallFacts {
  /** Largest write or lateness of the control emitter since its sighting before. */
  control: (Sighting & { worstMs: number })[];
  load: (Sighting & { maxLatenessMs: number; eventLoopMaxMs: number })[];
  /** Open writes as they were published, by app and seq; `toMs` where their end was told. */
  openWrites: Map<
    string,
    Map<number, { fromMs: number; toMs: number | undefined; queued: boolean; waitingLines: number; ref: EventRef }>
  >;
  loggers: Map<string, LoggerSighting[]>;
  /** Threads of the agent that stood in a write to a pipe. */
  agentInPipeWrite: Sighting[];
  /** When the agent was stopped by a signal or dead. */
  agentAway: Interval[];
  /** End of each app's process. */
  appEndsMs: Map<string, number>;
  /** Commands to the container runtime (engines that have one). */
  runtime: (Sighting & RuntimeProbeData)[];
  /** What apps of other projects had written so far, as their containers' shims saw it. */
  outputs: Map<string, (Sighting & { bytes: number })[]>;
}

/** Reads them in one pass. */
export async function readStallFacts(history: History, loadStartNs: number): Promise<StallFacts> {
  const facts: StallFacts = {
    ...{ control: [], load: [], openWrites: new Map(), loggers: new Map(), agentInPipeWrite: [], agentAway: [] },
    ...{ appEndsMs: new Map(), runtime: [], outputs: new Map() },
  };
  for await (const event of history.control()) {
    if (event.data === undefined) continue;
    const sighting: Sighting = { atMs: (event.atNs - loadStartNs) / 1e6, ref: `history#${event.n}` };
    if (event.kind === 'probe') addProbe(facts, event, sighting);
    else if (event.kind === 'process') addProcess(facts, event.data as unknown as ProcessData, sighting.atMs);
    else if (event.kind === 'write-begin' && event.app !== undefined) addOpenWrite(facts, event, sighting, loadStartNs);
    else if (event.kind === 'write-end' && event.app !== undefined) addWriteEnd(facts, event, loadStartNs);
  }
  return facts;
}

function addProbe(facts: StallFacts, event: Event, sighting: Sighting): void {
  const data = event.data as unknown as ProbeData;
  if (data.probe === 'control')
    facts.control.push({ ...sighting, worstMs: Math.max(data.maxWriteMs, data.maxLatenessMs) });
  else if (data.probe === 'load')
    facts.load.push({ ...sighting, maxLatenessMs: data.maxLatenessMs, eventLoopMaxMs: data.eventLoopMaxMs });
  else if (data.probe === 'driver-state') {
    for (const state of data.loggers) append(facts.loggers, state.app, { ...sighting, state });
  } else if (data.probe === 'agent-threads') {
    if (data.threads.some(({ wchan }) => /pipe_write/.test(wchan))) facts.agentInPipeWrite.push(sighting);
  } else if (data.probe === 'runtime') facts.runtime.push({ ...sighting, ...data });
  else if (data.probe === 'app-output' && event.app !== undefined)
    append(facts.outputs, event.app, { ...sighting, bytes: data.bytes });
}

function addProcess(facts: StallFacts, data: ProcessData, atMs: number): void {
  const isGone = data.state === 'exited' || data.state === 'killed';
  if (data.role === 'app' && isGone) facts.appEndsMs.set(data.name, atMs);
  if (data.role !== 'agent') return;
  const last = facts.agentAway.at(-1);
  const isAway = last?.toMs === Number.POSITIVE_INFINITY;
  if ((isGone || data.state === 'frozen') && !isAway)
    facts.agentAway.push({ fromMs: atMs, toMs: Number.POSITIVE_INFINITY });
  else if ((data.state === 'thawed' || data.state === 'ready') && isAway) last.toMs = atMs;
}

function addOpenWrite(facts: StallFacts, event: Event, { ref }: Sighting, loadStartNs: number): void {
  const data = event.data as unknown as OpenWriteData;
  // Histories of plugins may hold bare beginnings.
  if (typeof data.beginNs !== 'number') return;
  const ofApp = facts.openWrites.get(event.app!) ?? new Map();
  facts.openWrites.set(event.app!, ofApp);
  const before = ofApp.get(data.seq);
  const waitingLines = Math.max(before?.waitingLines ?? 0, data.waitingLines ?? 0);
  ofApp.set(data.seq, {
    fromMs: (data.beginNs - loadStartNs) / 1e6,
    toMs: before?.toMs,
    queued: data.queued,
    waitingLines,
    ref: before?.ref ?? ref,
  });
}

function addWriteEnd(facts: StallFacts, event: Event, loadStartNs: number): void {
  const data = event.data as unknown as WriteEndData;
  const open = facts.openWrites.get(event.app!)?.get(data.seq);
  if (open && typeof data.endNs === 'number') open.toMs = (data.endNs - loadStartNs) / 1e6;
}

function append<Value>(map: Map<string, Value[]>, key: string, value: Value): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
