// Lines on their way through a pipeline, for tests: each line is told step by step where it got to, and becomes the
// records that the witnesses would have written. Times are ms since load start.

import type { Event } from '../model/event.ts';
import { DROP_REASONS, HELD_IN, HOPS, LINE_KINDS, type LineRecord, STORED_FORMS } from '../model/line-record.ts';
import { lineRecord } from './create-history.ts';

/** Start of load in the histories of tests, absolute ns. */
export const LOAD_START_NS = 5_000_000_000;

/** Absolute ns of a moment in ms since load start. */
export function atMs(ms: number): number {
  return LOAD_START_NS + ms * 1e6;
}

/** The event that gives a history its zero. */
export function loadStarted(): Omit<Event, 'n'> {
  return { kind: 'phase', hop: 'app', atNs: LOAD_START_NS, data: { phase: 'load', loadStartNs: LOAD_START_NS } };
}

/** One line's way; each step adds a record. */
export interface Journey {
  readonly records: LineRecord[];
  planned(): Journey;
  written(options?: { tookMs?: number; open?: boolean; bytes?: number; crc?: number; idOffset?: number }): Journey;
  read(): Journey;
  sent(idCrc?: number): Journey;
  dropped(reason: (typeof DROP_REASONS)[number]): Journey;
  held(place: (typeof HELD_IN)[number]): Journey;
  pushed(status: number, options?: { push?: number; hop?: 'relay' | 'sink'; ids?: number }): Journey;
  stored(form?: (typeof STORED_FORMS)[number], options?: { timestampMs?: number }): Journey;
  echoed(ids: number, options?: { merged?: boolean }): Journey;
  answered(status?: number): Journey;
  failed(tookMs?: number): Journey;
  notSent(): Journey;
}

const BYTES = 100;

/** The journey of line `seq`, due at `dueMs`; every step takes a millisecond. */
export function journey(seq: number, dueMs: number = seq): Journey {
  const records: LineRecord[] = [];
  let ms = dueMs;
  const add = (kind: LineRecord['kind'], fields: Partial<LineRecord>): Journey => {
    ms += 1;
    records.push(lineRecord(kind as never, seq, { atNs: atMs(ms), ...fields }));
    return self;
  };
  const self: Journey = {
    records,
    planned: () => add(LINE_KINDS.planned, { atNs: 0, value: dueMs, bytes: BYTES }),
    written: ({ tookMs = 0.1, open = false, bytes = BYTES, crc = 0, idOffset = 0 } = {}) => {
      add(LINE_KINDS.written, {
        atNs: atMs(dueMs),
        value: open ? 0 : atMs(dueMs + tookMs),
        bytes,
        crc,
        detail: idOffset,
        hop: HOPS.indexOf('app'),
      });
      ms = Math.max(ms, dueMs + (open ? 0 : tookMs));
      return self;
    },
    read: () => add(LINE_KINDS.driverRead, { bytes: BYTES }),
    sent: (idCrc = 0) => add(LINE_KINDS.driverSent, { crc: idCrc }),
    dropped: (reason) => add(LINE_KINDS.driverDropped, { detail: DROP_REASONS.indexOf(reason), bytes: BYTES }),
    held: (place) => add(LINE_KINDS.held, { detail: HELD_IN.indexOf(place) }),
    pushed: (status, { push = 1, hop = 'sink', ids = 1 } = {}) =>
      add(LINE_KINDS.pushed, { detail: status, value: push, bytes: ids, hop: HOPS.indexOf(hop) }),
    stored: (form = 'exact', { timestampMs = dueMs } = {}) =>
      add(LINE_KINDS.stored, { detail: STORED_FORMS.indexOf(form), value: 1.79e18 + timestampMs * 1e6, bytes: BYTES }),
    echoed: (ids, { merged = false } = {}) => add(LINE_KINDS.echoed, { detail: ids, value: merged ? 1 : 0 }),
    answered: (status = 200) => add(LINE_KINDS.answered, { detail: status, value: atMs(ms + 2) }),
    failed: (tookMs = 5_000) => add(LINE_KINDS.failed, { detail: 1, value: atMs(ms + tookMs) }),
    notSent: () => add(LINE_KINDS.notSent, {}),
  };
  return self;
}

/** A line that went the whole way. */
export function delivered(seq: number, dueMs: number = seq): Journey {
  return journey(seq, dueMs).planned().written().sent().pushed(204).stored();
}
