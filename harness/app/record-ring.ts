// A ring of line records in shared memory, between the one thread that writes lines (and may be blocked in
// write(2) at any time) and the one that publishes them. Beside the ring stands the open write: what is being
// written right now, so that a write that never returns is seen too.
//
//   writing thread ── append ──► [ record | record | record | … ] ── drain ──► publisher
//                  ── open/close ──► [ the open write ] ── readOpen ──►
//
// One producer, one consumer. The open write is guarded by a version that is odd while it changes.

import {
  createLineRecord,
  decodeLineRecord,
  encodeLineRecord,
  HOPS,
  LINE_KINDS,
  LINE_RECORD_BYTES,
  type LineRecord,
} from '../model/line-record.ts';

/** Numbers shared by the threads; each is one Int32 at this index. */
const CELL = {
  head: 0,
  tail: 1,
  openVersion: 2,
  handed: 3,
  ended: 4,
  waits: 5,
  wake: 6,
  flushed: 7,
  queued: 8,
} as const;

const OPEN_AT = 64;
const RECORDS_AT = OPEN_AT + LINE_RECORD_BYTES;
const APP_HOP = HOPS.indexOf('app');
/** At 20,000 lines/s the publisher may sleep for 1.6 s before the writer has to wait for it. */
const CAPACITY = 32_768;

/** What both sides can read at any time. */
export interface RingCounts {
  /** Lines whose write(2) has returned. */
  endedLines: number;
  /** Lines the app has for its stdout so far, written or not. */
  handedLines: number;
  /** How often the writer found the ring full and waited for the publisher. */
  ringFullCount: number;
}

/** A fresh ring. `queued`: the app keeps waiting lines in its own memory instead of being blocked. */
export function createRecordRing({ queued = false, capacity = CAPACITY } = {}): SharedArrayBuffer {
  const shared = new SharedArrayBuffer(RECORDS_AT + capacity * LINE_RECORD_BYTES);
  new Int32Array(shared, 0, 16)[CELL.queued] = queued ? 1 : 0;
  return shared;
}

/** Reads the counts of a ring. */
export function readRingCounts(shared: SharedArrayBuffer): RingCounts {
  const cells = new Int32Array(shared, 0, 16);
  return {
    endedLines: Atomics.load(cells, CELL.ended),
    handedLines: Atomics.load(cells, CELL.handed),
    ringFullCount: Atomics.load(cells, CELL.waits),
  };
}

/** Adds lines that the app has for its stdout. Any thread may call it. */
export function addHandedLines(shared: SharedArrayBuffer, count: number): void {
  Atomics.add(new Int32Array(shared, 0, 16), CELL.handed, count);
}

/** The writing side. Positional arguments, because it runs twice per line. */
export interface RecordProducer {
  /** Adds a finished record. Waits while the ring is full; the publisher empties it at least every 100 ms. */
  append(kind: number, detail: number, seq: number, atNs: number, value: number, bytes: number, crc: number): void;
  /** Sets the open write. */
  open(kind: number, detail: number, seq: number, atNs: number, bytes: number, crc: number): void;
  /** There is no open write any more. */
  clearOpen(): void;
}

/** The producer of a ring. */
export function createRecordProducer(shared: SharedArrayBuffer): RecordProducer {
  const cells = new Int32Array(shared, 0, 16);
  const view = new DataView(shared);
  const capacity = capacityOf(shared);
  return {
    append(kind, detail, seq, atNs, value, bytes, crc) {
      const head = cells[CELL.head]!;
      for (
        let tail = Atomics.load(cells, CELL.tail);
        ((head - tail) | 0) >= capacity;
        tail = Atomics.load(cells, CELL.tail)
      ) {
        Atomics.add(cells, CELL.waits, 1);
        wakeConsumer(cells);
        Atomics.wait(cells, CELL.tail, tail, 1_000);
      }
      encodeLineRecord(view, RECORDS_AT + slotOf(head, capacity), kind, APP_HOP, detail, seq, atNs, value, bytes, crc);
      Atomics.store(cells, CELL.head, (head + 1) | 0);
      if (kind === LINE_KINDS.written && value > 0) Atomics.add(cells, CELL.ended, 1);
    },
    open(kind, detail, seq, atNs, bytes, crc) {
      Atomics.add(cells, CELL.openVersion, 1);
      encodeLineRecord(view, OPEN_AT, kind, APP_HOP, detail, seq, atNs, 0, bytes, crc);
      Atomics.add(cells, CELL.openVersion, 1);
    },
    clearOpen() {
      Atomics.add(cells, CELL.openVersion, 1);
      view.setUint8(OPEN_AT, 0);
      Atomics.add(cells, CELL.openVersion, 1);
    },
  };
}

/** The publishing side. */
export interface RecordConsumer {
  readonly queued: boolean;
  /** Hands over every record that is in the ring now; the object is reused. Returns how many. */
  drain(visit: (record: LineRecord) => void): number;
  /** Reads the open write into `record`; false when there is none, or it changed too fast to be read. */
  readOpen(record: LineRecord): boolean;
  /** Sleeps until `wake`, at most `forMs`. Returns the wake that `markFlushed` takes. Blocks its thread. */
  sleep(lastWake: number, forMs: number): number;
  markFlushed(wake: number): void;
}

/** The consumer of a ring. */
export function createRecordConsumer(shared: SharedArrayBuffer): RecordConsumer {
  const cells = new Int32Array(shared, 0, 16);
  const view = new DataView(shared);
  const capacity = capacityOf(shared);
  const scratch = createLineRecord();
  return {
    queued: cells[CELL.queued] === 1,
    drain(visit) {
      const tail = cells[CELL.tail]!;
      const count = (Atomics.load(cells, CELL.head) - tail) | 0;
      for (let index = 0; index < count; index++) {
        decodeLineRecord(view, RECORDS_AT + slotOf((tail + index) | 0, capacity), scratch);
        visit(scratch);
      }
      Atomics.store(cells, CELL.tail, (tail + count) | 0);
      Atomics.notify(cells, CELL.tail);
      return count;
    },
    readOpen(record) {
      for (let attempt = 0; attempt < 10; attempt++) {
        const version = Atomics.load(cells, CELL.openVersion);
        decodeLineRecord(view, OPEN_AT, record);
        if ((version & 1) === 0 && Atomics.load(cells, CELL.openVersion) === version) return record.kind !== 0;
      }
      return false;
    },
    sleep(lastWake, forMs) {
      Atomics.wait(cells, CELL.wake, lastWake, forMs);
      return Atomics.load(cells, CELL.wake);
    },
    markFlushed: (wake) => void Atomics.store(cells, CELL.flushed, wake),
  };
}

/** Asks the consumer to empty the ring now. Returns a test whether it has done so since. */
export function requestFlush(shared: SharedArrayBuffer): () => boolean {
  const cells = new Int32Array(shared, 0, 16);
  const asked = wakeConsumer(cells);
  return () => ((Atomics.load(cells, CELL.flushed) - asked) | 0) >= 0;
}

function wakeConsumer(cells: Int32Array): number {
  const wake = (Atomics.add(cells, CELL.wake, 1) + 1) | 0;
  Atomics.notify(cells, CELL.wake);
  return wake;
}

function capacityOf(shared: SharedArrayBuffer): number {
  return (shared.byteLength - RECORDS_AT) / LINE_RECORD_BYTES;
}

/** Byte offset of a record among the records; `>>> 0` keeps it positive when the count wraps at 2^31. */
function slotOf(count: number, capacity: number): number {
  return ((count >>> 0) % capacity) * LINE_RECORD_BYTES;
}
