// A history in memory, for tests of checkers and of the ledger: the same interface as a recorded one.

import type { Event, PhaseData } from '../model/event.ts';
import type { History } from '../model/history.ts';
import { createLineRecord, type LineKind, type LineRecord } from '../model/line-record.ts';
import { createEventPicker, toLineEvent } from '../run/line-events.ts';

/** A history of these control events and line records by app. `run` names the ids of line events. */
export function createHistory(
  events: readonly Event[],
  lines: Readonly<Record<string, readonly LineRecord[]>> = {},
  { run, holes = [] }: { run?: string; holes?: string[] } = {},
): History {
  return {
    async *control() {
      yield* events;
    },
    apps: () => Object.keys(lines).sort(),
    async lines(app, visit, kinds) {
      const reused = createLineRecord();
      for (const record of lines[app] ?? []) {
        if (kinds === undefined || kinds.includes(record.kind as LineKind)) visit(Object.assign(reused, record));
      }
    },
    holes: () => [...holes],
    async *[Symbol.asyncIterator]() {
      yield* mergeInTime(events, lines, run);
    },
  };
}

/** A record from the fields that matter; the others are 0. */
export function lineRecord(
  kind: LineKind,
  seq: number,
  fields: Partial<Omit<LineRecord, 'kind' | 'seq'>> = {},
): LineRecord {
  return { ...createLineRecord(), ...fields, kind, seq };
}

/** Numbers control events from 1, in order. */
export function numberEvents(events: readonly Omit<Event, 'n'>[]): Event[] {
  return events.map((event, index) => ({ ...event, n: index + 1 }));
}

function mergeInTime(
  events: readonly Event[],
  lines: Readonly<Record<string, readonly LineRecord[]>>,
  run: string | undefined,
): Event[] {
  const phase = events.find((event) => event.kind === 'phase' && event.data?.loadStartNs !== undefined);
  const loadStartNs = (phase?.data as PhaseData | undefined)?.loadStartNs ?? 0;
  const all = [...events];
  for (const [app, records] of Object.entries(lines)) {
    const pick = createEventPicker(loadStartNs);
    for (const record of records) {
      pick(record, (part, atNs) => all.push(toLineEvent(record, part, atNs, { run, app, loadStartNs })));
    }
  }
  return all.sort((a, b) => a.atNs - b.atNs);
}
