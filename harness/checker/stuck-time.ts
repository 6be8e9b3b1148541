// How long the agent said it was well while lines waited in it and nothing got through. A clock that runs only while
// all of that holds, and that is read at answers of the health page, since nobody knows what it would have said between.
//
//   runs     lines went into the agent (or the driver stands in its write to it) and no push was accepted since
//   pauses   while a fault stands between agent and sink: then nothing can get through, and waiting is right
//   restarts with an accepted push, an answer that is not 2xx, the death of the agent (what waited died with it)

import type { DriverFlowData, DriverLoggerState, Event, EventRef, ProcessData, PushData } from '../model/event.ts';
import type { RunFacts } from '../model/run.ts';

/** A stretch in which all of it held; ms since load start. */
export interface Stuck {
  fromMs: number;
  toMs: number;
  greenPolls: number;
  evidence: EventRef[];
}

/** What was seen. */
export interface HealthFacts {
  polls: number;
  greenPolls: number;
  pushes: number;
  sentLines: number;
  /** The longest stretch; null: none. */
  longest: Stuck | null;
}

/** Reports of what was sent are up to 250 ms old, and an accepted push may have carried those very lines. */
const REPORT_LAG_MS = 500;

/** Follows the control events in order of time. */
export class StuckClock {
  readonly facts: HealthFacts = { polls: 0, greenPolls: 0, pushes: 0, sentLines: 0, longest: null };
  readonly #excused: RunFacts['faults'];
  #acceptedMs = Number.NEGATIVE_INFINITY;
  #acceptedRef: EventRef | null = null;
  #waitingSinceMs: number | null = null;
  #green: { sinceMs: number; first: EventRef; polls: number } | null = null;

  constructor(run: RunFacts) {
    this.#excused = run.faults.filter(({ hop }) => /^(sink|relay)/.test(hop));
  }

  add(event: Event, ms: number): void {
    const data = event.data as unknown;
    if (data === undefined) return;
    if (event.kind === 'push') this.#addPush(event, data as PushData, ms);
    else if (event.kind === 'driver-sent' && event.app !== undefined) this.#addSent(data as DriverFlowData, ms);
    else if (event.kind === 'process') this.#addProcess(data as ProcessData);
    else if (event.kind === 'probe') this.#addProbe(event, data as { probe: string }, ms);
  }

  #addPush({ n, hop }: Event, push: PushData, ms: number): void {
    if (hop !== 'sink') return;
    this.facts.pushes++;
    if (push.status < 200 || push.status >= 300 || push.appEntries === 0) return;
    this.#acceptedMs = ms;
    this.#acceptedRef = `history#${n}`;
    this.#waitingSinceMs = null;
  }

  #addSent({ lines }: DriverFlowData, ms: number): void {
    this.facts.sentLines += lines;
    if (lines > 0) this.#wait(ms);
  }

  #wait(ms: number): void {
    if (ms >= this.#acceptedMs + REPORT_LAG_MS) this.#waitingSinceMs ??= ms;
  }

  #addProcess({ role, state }: ProcessData): void {
    if (role === 'agent' && (state === 'exited' || state === 'killed')) this.#waitingSinceMs = null;
  }

  #addProbe({ n }: Event, data: { probe: string }, ms: number): void {
    if (data.probe === 'driver-state') {
      const { loggers } = data as unknown as { loggers: DriverLoggerState[] };
      const isBlocked = loggers.some(
        ({ app, state, blockedMs }) => app !== '@agent' && state === 'sending' && blockedMs >= REPORT_LAG_MS,
      );
      if (isBlocked) this.#wait(ms);
    } else if (data.probe === 'health') this.#addPoll(n, (data as unknown as { status: number }).status, ms);
  }

  #addPoll(n: number, status: number, ms: number): void {
    this.facts.polls++;
    if (status < 200 || status >= 300) {
      this.#green = null;
      return;
    }
    this.facts.greenPolls++;
    this.#green ??= { sinceMs: ms, first: `history#${n}`, polls: 0 };
    this.#green.polls++;
    this.#measure(`history#${n}`, ms);
  }

  #measure(last: EventRef, ms: number): void {
    const open = this.#openSinceMs(ms);
    if (this.#waitingSinceMs === null || this.#green === null || open === null) return;
    const fromMs = Math.max(this.#waitingSinceMs, this.#green.sinceMs, open);
    const { longest } = this.facts;
    if (ms <= fromMs || (longest && longest.toMs - longest.fromMs >= ms - fromMs)) return;
    const before = this.#acceptedRef ? [this.#acceptedRef] : [];
    this.facts.longest = {
      ...{ fromMs, toMs: ms, greenPolls: this.#green.polls },
      evidence: [...before, this.#green.first, last],
    };
  }

  /** Since when pushes can get through; null: a fault stands in their way at this moment. */
  #openSinceMs(ms: number): number | null {
    let sinceMs = 0;
    for (const { fromMs, toMs } of this.#excused) {
      if (fromMs <= ms && ms <= toMs) return null;
      if (toMs < ms) sinceMs = Math.max(sinceMs, toMs);
    }
    return sinceMs;
  }
}
