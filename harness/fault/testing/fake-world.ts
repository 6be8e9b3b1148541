// A world and a history for tests of faults: the world notes what it was asked for, marks become events, and the
// history is those events and whatever a test adds.

import type { Event, PushData } from '../../model/event.ts';
import type { History } from '../../model/history.ts';
import type { SinkRule, World } from '../../model/parts.ts';

/** A fake world with its notes. */
export interface FakeWorld {
  world: World;
  /** What was called, in order. */
  calls: string[];
  /** Rules in force. */
  rules: SinkRule[];
  events: Event[];
  /** Sets the clock of marks. */
  atNs: number;
  /** Adds an event. */
  add(event: Omit<Event, 'n'>): void;
  history(): History;
}

/** A world whose agent has `pid` and does what `onSignal` does. */
export function createFakeWorld(
  options: { pid?: number | null; url?: string; onSignal?: (name: string) => void } = {},
): FakeWorld {
  let pid = options.pid === undefined ? 4_000_000 : options.pid;
  const calls: string[] = [];
  const note = (call: string) => async (): Promise<void> => void calls.push(call);
  const agent: World['agent'] = {
    pid: () => pid,
    signal: async (name) => {
      calls.push(`agent ${name}`);
      options.onSignal?.(name);
      if (name === 'SIGKILL') pid = null;
    },
    stop: note('agent stop'),
    start: note('agent start'),
  };
  const fake: FakeWorld = {
    calls,
    rules: [],
    events: [],
    atNs: 1_500,
    add: (event) => void fake.events.push({ ...event, n: fake.events.length + 1 }),
    history: () => historyOf(fake.events),
    world: {
      agent,
      driver: { restart: note('driver restart'), control: async () => undefined },
      sink: {
        script: async (rule) => {
          fake.rules.push(rule);
          return async () => void fake.rules.splice(fake.rules.indexOf(rule), 1);
        },
        stop: note('sink stop'),
        start: note('sink start'),
        control: async () => undefined,
        ...(options.url === undefined ? {} : { url: options.url }),
      },
      hop: () => {
        throw new Error('no fault here disturbs a connection');
      },
      relays: {},
      apps: {},
      mark: (kind, data) => {
        fake.add({ kind: 'fault-bit', hop: 'agent', atNs: fake.atNs, data: { mark: kind, ...data } });
        return `history#${fake.events.length}`;
      },
      signal: new AbortController().signal,
    },
  };
  return fake;
}

/** A push event as the recording hop writes it. */
export function pushEvent(push: {
  startedNs: number;
  answeredNs: number;
  status: number;
  fault?: string;
}): Omit<Event, 'n'> {
  const data: Partial<PushData> = { path: '/loki/api/v1/push', ...push };
  return { kind: 'push', hop: 'sink', atNs: push.answeredNs, data: data as Record<string, unknown> };
}

function historyOf(events: Event[]): History {
  async function* control(): AsyncGenerator<Event> {
    yield* events;
  }
  return { control, apps: () => [], lines: async () => undefined, holes: () => [], [Symbol.asyncIterator]: control };
}
