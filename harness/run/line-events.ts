// Turns line records into Events, for checkers that iterate over the whole history. Line events are not numbered
// in history.jsonl: their `n` is -1. Their `id` is the stable part of the line's id, `lrs1-<run>-<app>-<seq>`,
// the same in every event of a line; length and checksum are not known to every witness.

import type { Event } from '../model/event.ts';
import { LINE_ID_PREFIX } from '../model/line-id.ts';
import { DROP_REASONS, HOPS, LINE_KINDS, type LineRecord, STORED_FORMS } from '../model/line-record.ts';

/** What converting records needs to know. */
export interface LineEventContext {
  /** `<run>` in ids; undefined: events get no id. */
  run: string | undefined;
  app: string;
  loadStartNs: number;
}

/** Which of the two events of a `written` record is meant; 0 for all other kinds. */
export type EventPart = 0 | 1;

/** Tells, record by record in file order, which events a record stands for: calls `onEvent` with part and time. */
export function createEventPicker(
  loadStartNs: number,
): (record: LineRecord, onEvent: (part: EventPart, atNs: number) => void) => void {
  const open = new Set<number>();
  return (record, onEvent) => {
    if (record.kind === LINE_KINDS.planned) return onEvent(0, loadStartNs + record.value * 1e6);
    if (record.kind !== LINE_KINDS.written && record.kind !== LINE_KINDS.anonymous) {
      if (HAS_EVENT.has(record.kind)) onEvent(0, record.atNs);
      return;
    }
    const key = record.seq * 2 + (record.kind === LINE_KINDS.anonymous ? 1 : 0);
    // A write that was published as open has told its beginning already.
    if (!open.delete(key)) onEvent(0, record.atNs);
    if (record.value > 0) onEvent(1, record.value);
    else open.add(key);
  };
}

const HAS_EVENT = new Set<number>([
  LINE_KINDS.driverRead,
  LINE_KINDS.driverDropped,
  LINE_KINDS.driverSent,
  LINE_KINDS.pushed,
  LINE_KINDS.stored,
]);

/** The event that a record, or the part of a `written` record, stands for. */
export function toLineEvent(record: LineRecord, part: EventPart, atNs: number, { run, app }: LineEventContext): Event {
  const { kind, seq } = record;
  const isAnonymous = kind === LINE_KINDS.anonymous;
  const id = run === undefined || isAnonymous ? {} : { id: `${LINE_ID_PREFIX}${run}-${app}-${seq}` };
  const base = { n: -1, atNs, app, ...id };
  switch (kind) {
    case LINE_KINDS.planned:
      return { ...base, kind: 'planned', hop: 'app', bytes: record.bytes, data: { seq } };
    case LINE_KINDS.driverRead:
      return { ...base, kind: 'driver-read', hop: 'driver', bytes: record.bytes, data: { seq } };
    case LINE_KINDS.driverDropped:
      return {
        ...base,
        kind: 'driver-dropped',
        hop: 'driver',
        bytes: record.bytes,
        data: { seq, reason: DROP_REASONS[record.detail] ?? 'other' },
      };
    case LINE_KINDS.driverSent:
      return { ...base, kind: 'driver-sent', hop: 'driver', data: { seq } };
    case LINE_KINDS.pushed:
      return {
        ...base,
        kind: 'push',
        hop: HOPS[record.hop] === 'relay' ? 'relay' : 'sink',
        data: { seq, status: record.detail, push: record.value, idsInEntry: record.bytes },
      };
    case LINE_KINDS.stored:
      return {
        ...base,
        kind: 'stored',
        hop: 'sink',
        bytes: record.bytes,
        data: { seq, form: STORED_FORMS[record.detail] ?? 'unverified', timestampNs: record.value },
      };
    default:
      return {
        ...base,
        kind: part === 0 ? 'write-begin' : 'write-end',
        hop: 'app',
        bytes: record.bytes,
        data: { seq, ...(isAnonymous && { anonymous: true }) },
      };
  }
}
