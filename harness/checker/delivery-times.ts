// When each line of an app was due and when the sink took it first: one streaming pass over its records, eight bytes a
// line. Lines that were never due, or are quoted only, are left out.

import type { History } from '../model/history.ts';
import { HOPS, LINE_KINDS, type LineRecord } from '../model/line-record.ts';

/** Due and accepted times of one app's lines by seq, in units of 100 µs since load start, plus one; 0: not known. */
export interface DeliveryTimes {
  app: string;
  length: number;
  due: Uint32Array;
  accepted: Uint32Array;
}

/** Milliseconds since load start of a time in the columns. */
export function timeToMs(time: number): number {
  return (time - 1) / TICKS_PER_MS;
}

const TICKS_PER_MS = 10;
const SEQ_MAX = 2 ** 28;
const RELAY = HOPS.indexOf('relay');

/** Reads the times of an app. */
export async function readDeliveryTimes(history: History, app: string, loadStartNs: number): Promise<DeliveryTimes> {
  const times: DeliveryTimes = { app, length: 0, due: new Uint32Array(1_024), accepted: new Uint32Array(1_024) };
  await history.lines(app, (record) => addRecord(times, record, loadStartNs));
  return times;
}

function addRecord(times: DeliveryTimes, record: LineRecord, loadStartNs: number): void {
  const { kind, seq, detail } = record;
  if (seq >= SEQ_MAX) return;
  if (kind === LINE_KINDS.planned) {
    reserve(times, seq);
    times.due[seq] = toTime(record.value);
  } else if (kind === LINE_KINDS.pushed && record.hop !== RELAY && record.bytes <= 1 && detail >= 200 && detail < 300) {
    reserve(times, seq);
    if (times.accepted[seq] === 0) times.accepted[seq] = toTime((record.atNs - loadStartNs) / 1e6);
  }
}

function toTime(ms: number): number {
  return Math.round(Math.max(0, ms) * TICKS_PER_MS) + 1;
}

function reserve(times: DeliveryTimes, seq: number): void {
  times.length = Math.max(times.length, seq + 1);
  if (seq < times.due.length) return;
  const capacity = Math.ceil((seq + 1) * 1.6);
  const due = new Uint32Array(capacity);
  due.set(times.due);
  const accepted = new Uint32Array(capacity);
  accepted.set(times.accepted);
  times.due = due;
  times.accepted = accepted;
}
