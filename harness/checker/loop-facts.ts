// What the feedback-loop checker looks at, in one pass over the control events: the agent's own bytes at three
// points, the apps' bytes beside them, and what was refused.
//
//   1 own       bytes on the agent's stdout and stderr, wherever they are routed
//   2 reentered bytes of these that the driver sent back into the agent
//   3 internal  bytes in pushes that are no app line and that point 2 does not explain

import type { AgentOwnData, DriverFlowData, Event, EventRef, PhaseData, PushData } from '../model/event.ts';
import type { History } from '../model/history.ts';
import type { RunFacts } from '../model/run.ts';
import { createExplainedBytes, type ExplainedBytes } from './explained-bytes.ts';
import { createFlow, type Flow } from './flow.ts';

/** The facts. Times are ms since load start. */
export interface LoopFacts {
  own: Flow;
  reentered: Flow;
  internal: Flow;
  app: Flow;
  driverReads: number;
  /** The agent's own output was watched on both its ways by an engine that does not own the driver. */
  isReentryWatched: boolean;
  pushes: number;
  /** Own bytes in pushes, anonymous app lines taken out. */
  ownPushedBytes: number;
  /** App bytes of refused pushes. */
  refusedBytes: number;
  payloadIds: number;
  backslashRunMax: number;
  /** Median time between pushes before trouble began, 0.5 to 15 s. */
  flushIntervalMs: number;
  /** End of what was watched: when the parts were told to stop, else the last event. */
  watchedUntilMs: number;
  /** First events of each kind and the largest own output. */
  refs: {
    refused: EventRef[];
    payload: EventRef[];
    own: EventRef[];
    reentered: EventRef[];
    internal: EventRef[];
    backslashes: EventRef[];
  };
}

/**
 * A wrapped and escaped line grows: 1.17 times for a plain text in JSON, up to twice for one of backslashes, and the
 * names of the wrapper's keys are added. Re-entered bytes explain so many times their number in pushes.
 */
const GROWTH_MAX = 4;
const REFS_MAX = 3;

/** Reads the facts. `creditBytes`: bytes without an id in pushes that are known to come from apps. */
export async function readLoopFacts(history: History, run: RunFacts, creditBytes: number): Promise<LoopFacts> {
  const state = new LoopReader(run, creditBytes);
  for await (const event of history.control()) state.add(event);
  return state.finish();
}

class LoopReader {
  readonly #run: RunFacts;
  readonly #anonymous: Set<string>;
  readonly #startsMs: { atMs: number; isTrouble: boolean }[] = [];
  readonly #facts: LoopFacts;
  readonly #explained: ExplainedBytes;
  #pushHop: Event['hop'] | undefined;
  #stopMs: number | undefined;

  constructor(run: RunFacts, creditBytes: number) {
    this.#run = run;
    this.#anonymous = new Set(run.anonymousCrcs.map((crc) => crc.toLowerCase()));
    this.#explained = createExplainedBytes(creditBytes);
    this.#facts = {
      ...{ own: createFlow(), reentered: createFlow(), internal: createFlow(), app: createFlow() },
      ...{
        driverReads: 0,
        isReentryWatched: false,
        pushes: 0,
        ownPushedBytes: 0,
        refusedBytes: 0,
        payloadIds: 0,
        backslashRunMax: 0,
      },
      ...{ flushIntervalMs: FLUSH_DEFAULT_MS, watchedUntilMs: 0 },
      refs: { refused: [], payload: [], own: [], reentered: [], internal: [], backslashes: [] },
    };
  }

  add(event: Event): void {
    const ms = (event.atNs - this.#run.loadStartNs) / 1e6;
    if (event.kind === 'phase' && (event.data as PhaseData | undefined)?.phase === 'stop') this.#stopMs = ms;
    if (event.data === undefined) return;
    if (ms < 0) {
      this.#addBefore(event, ms);
      return;
    }
    this.#facts.watchedUntilMs = Math.max(this.#facts.watchedUntilMs, ms);
    if (event.kind === 'agent-own') this.#addOwn(event, ms, event.data as unknown as AgentOwnData);
    else if (event.kind === 'driver-read' && event.app !== undefined)
      this.#addRead(ms, event.data as unknown as DriverFlowData);
    else if (event.kind === 'push') this.#addPush(event, ms, event.data as unknown as PushData);
  }

  finish(): LoopFacts {
    const facts = this.#facts;
    facts.flushIntervalMs = measureFlushInterval(this.#startsMs);
    facts.watchedUntilMs = this.#stopMs ?? facts.watchedUntilMs;
    return facts;
  }

  /** What came back in during preflight may still be pushed after load has started; nothing else of that time counts. */
  #addBefore(event: Event, ms: number): void {
    if (event.kind === 'agent-own') {
      const { point, bytes, lines } = event.data as unknown as AgentOwnData;
      if (point === 'reentered') this.#grant(bytes, lines);
    } else if (event.kind === 'push') {
      const { status, ownBytes } = event.data as unknown as PushData;
      this.#explained.explain({ atMs: ms, bytes: ownBytes, isAccepted: status >= 200 && status < 300 });
    }
  }

  #grant(bytes: number, lines: number): void {
    this.#explained.grant(bytes * GROWTH_MAX + lines * 256);
  }

  #addOwn(event: Event, ms: number, data: AgentOwnData): void {
    const facts = this.#facts;
    if (data.point === 'reentered') {
      facts.isReentryWatched ||= data.watched === true;
      if (data.bytes === 0) return;
      facts.reentered.add(ms, data.bytes);
      this.#grant(data.bytes, data.lines);
      note(facts.refs.reentered, event);
      return;
    }
    if (data.bytes === 0) return;
    facts.own.add(ms, data.bytes);
    facts.payloadIds += data.ids;
    note(facts.refs.own, event);
    if (data.ids > 0) note(facts.refs.payload, event);
    this.#addBackslashes(event, data.backslashRunMax);
  }

  #addRead(ms: number, data: DriverFlowData): void {
    this.#facts.driverReads++;
    this.#facts.app.add(ms, data.bytes);
  }

  /** Pushes are watched where they leave the agent: in front of a relay if there is one. */
  #addPush(event: Event, ms: number, push: PushData): void {
    const facts = this.#facts;
    if (event.hop === 'relay' && this.#pushHop === 'sink') return;
    this.#pushHop ??= event.hop;
    if (event.hop !== this.#pushHop) return;
    facts.pushes++;
    const isRefused = push.status < 200 || push.status >= 300;
    this.#startsMs.push({ atMs: (push.startedNs - this.#run.loadStartNs) / 1e6, isTrouble: isRefused });
    if (isRefused) {
      facts.refusedBytes += push.appBytes;
      note(facts.refs.refused, event);
    }
    this.#addBackslashes(event, push.backslashRunMax);
    const ownBytes = Math.max(0, push.ownBytes - this.#anonymousBytes(push));
    facts.ownPushedBytes += ownBytes;
    const explained = this.#explained.explain({ atMs: ms, bytes: ownBytes, isAccepted: !isRefused });
    if (ownBytes > explained) note(facts.refs.internal, event);
    facts.internal.add(ms, ownBytes - explained);
  }

  #anonymousBytes(push: PushData): number {
    let bytes = 0;
    for (const [crc, sum] of Object.entries(push.anonymous ?? {}))
      if (this.#anonymous.has(crc.toLowerCase())) bytes += sum[1];
    return bytes;
  }

  #addBackslashes(event: Event, run: number): void {
    if (!(run > this.#facts.backslashRunMax)) return;
    this.#facts.backslashRunMax = run;
    this.#facts.refs.backslashes = [`history#${event.n}`];
  }
}

function note(refs: EventRef[], event: Event): void {
  if (refs.length < REFS_MAX) refs.push(`history#${event.n}`);
}

const FLUSH_DEFAULT_MS = 1_000;
const FLUSH_MIN_MS = 500;
const FLUSH_MAX_MS = 15_000;
/** Pushes closer together than this belong to one flush. */
const SAME_FLUSH_MS = 200;

/** The median gap between flushes before the first refusal; over all of them where there were too few before. */
function measureFlushInterval(starts: { atMs: number; isTrouble: boolean }[]): number {
  const troubleAt = starts.findIndex(({ isTrouble }) => isTrouble);
  const calm = findGaps(troubleAt === -1 ? starts : starts.slice(0, troubleAt + 1));
  const gaps = calm.length > 0 ? calm : findGaps(starts);
  if (gaps.length === 0) return starts.length > 1 ? FLUSH_MIN_MS : FLUSH_DEFAULT_MS;
  gaps.sort((a, b) => a - b);
  return Math.min(FLUSH_MAX_MS, Math.max(FLUSH_MIN_MS, gaps[gaps.length >> 1]!));
}

function findGaps(starts: { atMs: number }[]): number[] {
  const times = starts.map(({ atMs }) => atMs).sort((a, b) => a - b);
  return times
    .slice(1)
    .map((time, index) => time - times[index]!)
    .filter((gap) => gap >= SAME_FLUSH_MS);
}
