// Fills the columns of one app from its line records, in one pass and in whatever order the witnesses wrote them.

import { HOPS, LINE_KINDS, type LineRecord, STORED_FORMS } from '../model/line-record.ts';
import { type AppColumns, SEEN } from './columns.ts';
import type { ControlFacts } from './control-facts.ts';
import { isAccepted } from './refusal.ts';
import { TICK_NS } from './ticks.ts';

/** `lastKind` of a push at a relay; other values are those of LINE_KINDS. */
export const SEEN_AT_RELAY = 100;

/** An answer to a push: its status, and the line error it was, where its text says so. */
export interface Answer {
  status: number;
  lineError: string | null;
}

/** Finer than the clock of the writes, and coarse enough to tell any two time zones apart in 32 bits. */
const STORED_TICK_NS = 50_000;
/** Lines this far behind the last planned or written one are phantoms that are only counted. */
const SLACK_LINES = 4_194_304;
const RELAY = HOPS.indexOf('relay');
const TRUNCATED = STORED_FORMS.indexOf('truncated');
const REWRITTEN = STORED_FORMS.indexOf('rewritten');

/** The columns of one app being filled, with what does not fit into columns. */
export class Tally {
  /** One row a line; once its stored lines are settled, one row for each of the others. */
  columns: AppColumns;
  /** Answers by the number in `sinkAnswer` and `relayAnswer`; 0 is none. */
  readonly answers: Answer[] = [{ status: -1, lineError: null }];
  readonly anonymous = { lines: 0, bytes: 0 };
  /** Lines that were answered with a 400 without a line error in its text → the last such push. */
  readonly wholeRefusals = new Map<number, number>();
  /** Records of lines far outside of everything planned or written. */
  readonly strays = { lines: 0, bytes: 0 };
  storedRecords = 0;
  seenRelayPush = false;
  seenSinkPush = false;
  seenDriver = false;
  readonly #loadStartNs: number;
  readonly #lineErrors: Map<number, string>;
  readonly #onLag: (ticks: number) => void;
  readonly #openAnonymous = new Set<number>();
  readonly #answerCodes = new Map<string | number, number>();
  #knownLength = 0;

  constructor(options: {
    loadStartNs: number;
    facts: ControlFacts;
    onLag: (ticks: number) => void;
    columns: AppColumns;
  }) {
    this.columns = options.columns;
    this.#loadStartNs = options.loadStartNs;
    this.#lineErrors = options.facts.lineErrors;
    this.#onLag = options.onLag;
  }

  /** Adds one record. */
  visit(record: LineRecord): void {
    const { kind, seq } = record;
    if (kind === LINE_KINDS.anonymous) {
      this.#addAnonymous(record);
      return;
    }
    if (seq >= this.columns.length && !this.#makeRoom(record)) return;
    if (kind === LINE_KINDS.written) this.#addWritten(record);
    else if (kind === LINE_KINDS.pushed) this.#addPush(record);
    else if (kind === LINE_KINDS.driverSent) this.#addDriver(record, SEEN.driverSent);
    else if (kind === LINE_KINDS.planned) this.#addPlanned(record);
    else if (kind === LINE_KINDS.stored) this.#addStored(record);
    else if (kind === LINE_KINDS.answered)
      this.#addRequest(record, record.detail < 500 ? SEEN.answered : SEEN.requestFailed);
    else if (kind === LINE_KINDS.driverRead) this.#addDriver(record, SEEN.driverRead);
    else if (kind === LINE_KINDS.driverDropped) this.#addDriver(record, SEEN.dropped);
    else if (kind === LINE_KINDS.held) this.#addDriver(record, SEEN.held);
    else if (kind === LINE_KINDS.failed) this.#addRequest(record, SEEN.requestFailed);
    else if (kind === LINE_KINDS.notSent) this.#addRequest(record, SEEN.notSent);
    else if (kind === LINE_KINDS.echoed) this.#addEcho(record);
  }

  #addPlanned({ seq, bytes, value }: LineRecord): void {
    const { columns } = this;
    columns.flags[seq]! |= SEEN.planned;
    if (columns.bytes[seq] === 0) columns.bytes[seq] = bytes;
    if (columns.lastKind[seq] === 0) this.#see(seq, LINE_KINDS.planned, Math.round(value * 10));
  }

  #addWritten({ seq, bytes, value, atNs }: LineRecord): void {
    const { columns } = this;
    const before = columns.flags[seq]!;
    columns.bytes[seq] = bytes;
    if (value === 0) {
      columns.flags[seq] = before | SEEN.written | (before & SEEN.writeEnded ? 0 : SEEN.writeOpen);
      this.#see(seq, LINE_KINDS.written, this.#ticks(atNs));
      return;
    }
    const endedAt = this.#ticks(value);
    // Where the push was recorded before the write, its time waits in the same column.
    if (before & SEEN.accepted && !(before & SEEN.writeEnded))
      this.#onLag(Math.max(0, columns.writtenAt[seq]! - endedAt));
    columns.flags[seq] = (before | SEEN.written | SEEN.writeEnded) & ~SEEN.writeOpen;
    columns.writtenAt[seq] = endedAt;
    this.#see(seq, LINE_KINDS.written, endedAt);
  }

  #addPush(record: LineRecord): void {
    const { columns } = this;
    const { seq, detail: status } = record;
    // Several ids in one entry: the line was quoted, not pushed.
    if (record.bytes > 1) {
      columns.flags[seq]! |= SEEN.quotedInPush;
      return;
    }
    const ticks = this.#ticks(record.atNs);
    if (record.hop === RELAY) {
      this.seenRelayPush = true;
      columns.relayAnswer[seq] = this.#answerCode(status, null);
      if (isAccepted(status)) columns.flags[seq]! |= SEEN.relayAccepted;
      this.#see(seq, SEEN_AT_RELAY, ticks);
      return;
    }
    this.seenSinkPush = true;
    const lineError = status >= 400 && status < 500 ? (this.#lineErrors.get(record.value) ?? null) : null;
    columns.sinkAnswer[seq] = this.#answerCode(status, lineError);
    if (isAccepted(status)) this.#addAcceptance(seq, ticks);
    else if (status === 400 && lineError === null) this.wholeRefusals.set(seq, record.value);
    this.#see(seq, LINE_KINDS.pushed, ticks);
  }

  #addAcceptance(seq: number, ticks: number): void {
    const { columns } = this;
    const before = columns.flags[seq]!;
    if (columns.accepted[seq]! < 255) columns.accepted[seq]!++;
    if (before & SEEN.accepted) return;
    columns.flags[seq] = before | SEEN.accepted;
    if (before & SEEN.writeEnded) this.#onLag(Math.max(0, ticks - columns.writtenAt[seq]!));
    else columns.writtenAt[seq] = ticks;
  }

  #addStored({ seq, detail, value, bytes, atNs }: LineRecord): void {
    const { columns } = this;
    this.storedRecords++;
    if (columns.stored[seq]! < 255) columns.stored[seq]!++;
    if (columns.stored[seq] === 1) columns.storedAt[seq] = (value / STORED_TICK_NS) >>> 0;
    if (detail === TRUNCATED) columns.flags[seq]! |= SEEN.truncated;
    if (detail === REWRITTEN) columns.flags[seq]! |= SEEN.rewritten;
    if (columns.bytes[seq] === 0) columns.bytes[seq] = bytes;
    this.#see(seq, LINE_KINDS.stored, this.#ticks(atNs));
  }

  /** Quoted alone it looked like the line when it was pushed; read-back, which comes last, knows better. */
  #addEcho({ seq, detail }: LineRecord): void {
    this.columns.flags[seq]! |= SEEN.quotedInSink;
    if (detail === 1 && this.columns.accepted[seq]! > 0) this.columns.accepted[seq]!--;
  }

  #addDriver({ seq, kind, detail, bytes, atNs }: LineRecord, flag: number): void {
    const { columns } = this;
    this.seenDriver = true;
    columns.flags[seq]! |= flag;
    if (flag === SEEN.dropped || flag === SEEN.held) columns.detail[seq] = detail;
    if (columns.bytes[seq] === 0) columns.bytes[seq] = bytes;
    this.#see(seq, kind, this.#ticks(atNs));
  }

  #addRequest({ seq, kind, value, atNs }: LineRecord, flag: number): void {
    this.columns.flags[seq]! |= flag;
    this.#see(seq, kind, this.#ticks(value || atNs));
  }

  #addAnonymous({ seq, value, bytes }: LineRecord): void {
    if (this.#openAnonymous.delete(seq)) return;
    if (value === 0) this.#openAnonymous.add(seq);
    this.anonymous.lines++;
    this.anonymous.bytes += bytes;
  }

  #makeRoom({ kind, seq, bytes }: LineRecord): boolean {
    if (kind === LINE_KINDS.planned || kind === LINE_KINDS.written)
      this.#knownLength = Math.max(this.#knownLength, seq + 1);
    else if (seq >= this.#knownLength + SLACK_LINES) {
      if (kind === LINE_KINDS.stored) this.storedRecords++;
      this.strays.lines++;
      this.strays.bytes += bytes;
      return false;
    }
    this.columns.reserve(seq + 1);
    return true;
  }

  #see(seq: number, kind: number, ticks: number): void {
    const { columns } = this;
    if (ticks < columns.lastAt[seq]! && columns.lastKind[seq]! > LINE_KINDS.planned) return;
    columns.lastAt[seq] = ticks;
    columns.lastKind[seq] = kind;
  }

  #answerCode(status: number, lineError: string | null): number {
    const key = lineError === null ? status : `${status} ${lineError}`;
    const known = this.#answerCodes.get(key);
    if (known !== undefined) return known;
    const code = Math.min(255, this.answers.length);
    if (code === this.answers.length) this.answers.push({ status, lineError });
    this.#answerCodes.set(key, code);
    return code;
  }

  #ticks(atNs: number): number {
    return Math.max(0, Math.round((atNs - this.#loadStartNs) / TICK_NS));
  }
}
