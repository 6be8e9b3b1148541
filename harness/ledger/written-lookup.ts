// What each written line was: its length, the CRC-32 of its bytes and where in it the id stands. Reading back
// compares the entries of the sink with it. 11 bytes a line.

import type { History } from '../model/history.ts';
import { LINE_KINDS, type LineRecord } from '../model/line-record.ts';

/** A line as it was written. */
export interface WrittenLine {
  /** Bytes without newline; 0: not known. */
  bytes: number;
  /** CRC-32 of the whole line, meaningful where `hasCrc`. */
  crc: number;
  hasCrc: boolean;
  /** Byte offset of the id, -1: not known. */
  idOffset: number;
  /** Of a line that is no UTF-8: length and CRC-32 of what JSON shows of it. */
  shown?: { bytes: number; crc: number } | undefined;
}

/** Answers what was written, by app and seq. */
export interface WrittenLookup {
  /** The line, or undefined when it was neither planned nor written. The object is reused: copy what you keep. */
  find(app: string, seq: number): WrittenLine | undefined;
}

/** Reads the lines of all apps. */
export async function readWrittenLookup(history: History): Promise<WrittenLookup> {
  const apps = new Map<string, WrittenColumns>();
  for (const app of history.apps()) {
    const columns = new WrittenColumns();
    await history.lines(app, (record) => columns.add(record));
    apps.set(app, columns);
  }
  const line: WrittenLine = { bytes: 0, crc: 0, hasCrc: false, idOffset: -1 };
  return { find: (app, seq) => (apps.get(app)?.fill(seq, line) ? line : undefined) };
}

const KNOWN = 1;
const HAS_CRC = 2;
const UNKNOWN_OFFSET = 65_535;

class WrittenColumns {
  #bytes = new Uint32Array(1_024);
  #crc = new Uint32Array(1_024);
  #idOffset = new Uint16Array(1_024);
  #state = new Uint8Array(1_024);
  /** Few lines are no UTF-8. */
  readonly #shown = new Map<number, { bytes: number; crc: number }>();

  add(record: LineRecord): void {
    const { kind, seq } = record;
    if (kind === LINE_KINDS.shown) return void this.#shown.set(seq, { bytes: record.bytes, crc: record.crc });
    const isWritten = kind === LINE_KINDS.written;
    if (!isWritten && kind !== LINE_KINDS.planned && kind !== LINE_KINDS.driverRead) return;
    if (seq >= this.#state.length) {
      // What a driver read may be a phantom's seq: only plan and app decide how many lines there are.
      if (kind === LINE_KINDS.driverRead) return;
      this.#grow(Math.ceil((seq + 1) * 1.6));
    }
    if (kind !== LINE_KINDS.driverRead) this.#state[seq]! |= KNOWN;
    if (isWritten) {
      this.#state[seq]! |= HAS_CRC;
      this.#bytes[seq] = record.bytes;
      this.#crc[seq] = record.crc;
      this.#idOffset[seq] = record.detail;
    } else if (kind === LINE_KINDS.driverRead && !(this.#state[seq]! & HAS_CRC)) {
      this.#bytes[seq] = record.bytes;
    }
  }

  fill(seq: number, line: WrittenLine): boolean {
    const state = this.#state[seq] ?? 0;
    if (!(state & KNOWN)) return false;
    line.hasCrc = (state & HAS_CRC) !== 0;
    line.bytes = this.#bytes[seq]!;
    line.crc = this.#crc[seq]!;
    line.shown = this.#shown.get(seq);
    line.idOffset = line.hasCrc && this.#idOffset[seq] !== UNKNOWN_OFFSET ? this.#idOffset[seq]! : -1;
    return true;
  }

  #grow(capacity: number): void {
    this.#bytes = copyInto(new Uint32Array(capacity), this.#bytes);
    this.#crc = copyInto(new Uint32Array(capacity), this.#crc);
    this.#idOffset = copyInto(new Uint16Array(capacity), this.#idOffset);
    this.#state = copyInto(new Uint8Array(capacity), this.#state);
  }
}

function copyInto<T extends Uint8Array | Uint16Array | Uint32Array>(grown: T, old: T): T {
  grown.set(old);
  return grown;
}
