// How the stored lines of one app compare with what was written, bytes and time, from the records that reading back
// left: one streaming pass, five bytes a line. A line that has several copies counts once for each form it was seen in.

import type { History } from '../model/history.ts';
import { LINE_KINDS, type LineRecord, STORED_FORMS } from '../model/line-record.ts';

/** Forms that are no longer the line as it was written. */
export const BROKEN_FORMS = ['truncated', 'merged', 'split', 'rewritten'] as const;

/** One of them. */
export type BrokenForm = (typeof BROKEN_FORMS)[number];

/** Lines of one form; times are ms since load start of their writes. */
export interface FormCount {
  lines: number;
  /** Of these, lines of which the driver itself dropped a piece. */
  droppedLines: number;
  fromMs: number;
  toMs: number;
}

/** What was found of an app. */
export interface LineForms {
  /** Stored lines whose bytes could be compared with what was written. */
  comparedLines: number;
  /** Stored lines of which nobody recorded the bytes. */
  unverifiedLines: number;
  forms: Record<BrokenForm, FormCount>;
  /** Stored lines of a time at which they cannot have been on their way. */
  misdated: MisdatedCount;
}

/** As a form; how far off, ms after the write (below 0: before it). */
export interface MisdatedCount extends FormCount {
  offMinMs: number;
  offMaxMs: number;
}

/** What the times of entries are held against. */
export interface EntryClock {
  /** Monotonic and wall clock at the start of load; without the latter times are not compared. */
  loadStartNs: number;
  loadStartWallMs: number | undefined;
  /** An entry may be so much older than the write of its line, or younger than the end of the run. */
  toleranceMs: number;
}

const STORED_FORM_OF: readonly (BrokenForm | null)[] = STORED_FORMS.map(
  (form) => BROKEN_FORMS.find((broken) => broken === form) ?? null,
);
const UNVERIFIED = STORED_FORMS.indexOf('unverified');
const DROPPED_BIT = 1 << BROKEN_FORMS.length;
const MISDATED_BIT = DROPPED_BIT << 1;
const TICK_NS = 100_000;
/** Records that name a line far outside of all that is known are phantoms, which parity tells. */
const SEQ_MAX = 2 ** 28;

/** Reads the forms of an app's stored lines. */
export async function readLineForms(history: History, app: string, clock: EntryClock): Promise<LineForms> {
  const reader = new FormReader(clock);
  await history.lines(app, (record) => reader.visit(record));
  return reader.found;
}

class FormReader {
  readonly found: LineForms = {
    comparedLines: 0,
    unverifiedLines: 0,
    forms: { truncated: createCount(), merged: createCount(), split: createCount(), rewritten: createCount() },
    misdated: { ...createCount(), offMinMs: 0, offMaxMs: 0 },
  };
  readonly #clock: EntryClock;
  /** When each line was written, and as bits which forms of it were seen. */
  #writtenAt = new Uint32Array(1_024);
  #seen = new Uint8Array(1_024);

  constructor(clock: EntryClock) {
    this.#clock = clock;
  }

  visit(record: LineRecord): void {
    const { kind, seq } = record;
    if (seq >= SEQ_MAX) return;
    if (kind === LINE_KINDS.written || kind === LINE_KINDS.driverRead) {
      this.#reserve(seq);
      this.#writtenAt[seq] = Math.max(0, (record.atNs - this.#clock.loadStartNs) / TICK_NS);
    } else if (kind === LINE_KINDS.driverDropped) {
      this.#reserve(seq);
      this.#seen[seq]! |= DROPPED_BIT;
    } else if (kind === LINE_KINDS.stored) this.#addStored(record);
    else if (kind === LINE_KINDS.echoed && record.value === 1) this.#addForm('merged', seq);
  }

  #addStored(record: LineRecord): void {
    const { seq, detail } = record;
    this.#addTime(record);
    if (detail === UNVERIFIED) {
      this.found.unverifiedLines++;
      return;
    }
    this.found.comparedLines++;
    const form = STORED_FORM_OF[detail];
    if (form) this.#addForm(form, seq);
  }

  #addForm(form: BrokenForm, seq: number): void {
    this.#reserve(seq);
    const bit = 1 << BROKEN_FORMS.indexOf(form);
    const seen = this.#seen[seq]!;
    if (seen & bit) return;
    this.#seen[seq] = seen | bit;
    const count = this.found.forms[form];
    const atMs = (this.#writtenAt[seq]! * TICK_NS) / 1e6;
    count.lines++;
    if (seen & DROPPED_BIT) count.droppedLines++;
    count.fromMs = count.lines === 1 ? atMs : Math.min(count.fromMs, atMs);
    count.toMs = Math.max(count.toMs, atMs);
  }

  /** A line was on its way from its write (from the start of load, where nobody saw that) until it was read back. */
  #addTime({ seq, value, atNs }: LineRecord): void {
    const { loadStartNs, loadStartWallMs, toleranceMs } = this.#clock;
    // A sink of a plugin that keeps no times says 0.
    if (loadStartWallMs === undefined || value === 0) return;
    this.#reserve(seq);
    const writtenMs = (this.#writtenAt[seq]! * TICK_NS) / 1e6;
    const entryMs = value / 1e6 - loadStartWallMs;
    const isEarly = entryMs < writtenMs - toleranceMs;
    const isLate = entryMs > (atNs - loadStartNs) / 1e6 + toleranceMs;
    if ((!isEarly && !isLate) || this.#seen[seq]! & MISDATED_BIT) return;
    this.#seen[seq]! |= MISDATED_BIT;
    const count = this.found.misdated;
    const offMs = entryMs - writtenMs;
    count.lines++;
    const isFirst = count.lines === 1;
    count.fromMs = isFirst ? writtenMs : Math.min(count.fromMs, writtenMs);
    count.toMs = Math.max(count.toMs, writtenMs);
    count.offMinMs = isFirst ? offMs : Math.min(count.offMinMs, offMs);
    count.offMaxMs = isFirst ? offMs : Math.max(count.offMaxMs, offMs);
  }

  #reserve(seq: number): void {
    if (seq < this.#seen.length) return;
    const capacity = Math.ceil((seq + 1) * 1.6);
    const writtenAt = new Uint32Array(capacity);
    writtenAt.set(this.#writtenAt);
    const seen = new Uint8Array(capacity);
    seen.set(this.#seen);
    this.#writtenAt = writtenAt;
    this.#seen = seen;
  }
}

function createCount(): FormCount {
  return { lines: 0, droppedLines: 0, fromMs: 0, toMs: 0 };
}
