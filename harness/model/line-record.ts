// The lines of an app as fixed-width binary records: `lines/<app>.bin` in a run folder. Many processes append to
// one file (O_APPEND, whole blocks of records in one write), so records of different witnesses interleave; each
// says what one witness saw of one line. Little endian, 32 bytes:
//
//   0 u8  kind     which sighting (LINE_KINDS)          4 u32 seq      the line's number in its app, from 0
//   1 u8  hop      where (HOPS)                         8 f64 atNs     monotonic clock (see core/real-clock.ts)
//   2 u16 detail   per kind                            16 f64 value    per kind
//                                                      24 u32 bytes    per kind     28 u32 crc  per kind

export const LINE_RECORD_BYTES = 32;

/** Hops by their number in records. `load` is the generator in front of http apps. */
export const HOPS = ['app', 'driver', 'agent', 'relay', 'sink', 'load'] as const;

/** What a record says; the comment names what detail, value, bytes and crc hold. */
export const LINE_KINDS = {
  /** atNs 0 · value: due, ms since load start · bytes: planned size, 0 if free. Written by the plan's author before load. */
  planned: 1,
  /** atNs: write(2) begun · value: ended (ns), 0 while still open · detail: byte offset of the id, 65535 = unknown · bytes, crc: CRC-32 of the whole line without newline. A record with value 0 may be followed by one with the end. */
  written: 2,
  /** atNs: the driver read the whole line. Only for apps that do not report their own writes. bytes: the line's. */
  driverRead: 3,
  /** detail: index in DROP_REASONS · bytes: the line's. */
  driverDropped: 4,
  /** atNs: the last piece of the line was taken whole by the kernel (write(2) returned). */
  driverSent: 5,
  /** one record per id per push attempt, after its answer. detail: HTTP status, 0 = no answer · value: push number · bytes: ids in the same entry (1 = looks like a line, more = an echo). hop: the hop that was pushed to. */
  pushed: 6,
  /** by read-back: an entry that is the line. detail: index in STORED_FORMS · value: entry's timestamp (ns) · bytes: length of the unwrapped line. */
  stored: 7,
  /** by read-back: the id somewhere else than in its own line. detail: ids in that entry · value: 1 where the entry begins as one of the lines does, holds it and goes on with another (merged), else 0. */
  echoed: 8,
  /** load: atNs sent · value: answered (ns) · detail: HTTP status. */
  answered: 9,
  /** load: not sent in time; atNs: when that was decided. */
  notSent: 10,
  /** load: sent, no whole answer. atNs sent · value: given up (ns) · detail: 1 timeout, 2 reset or refused. */
  failed: 11,
  /** a line that carries no id. seq: n-th of the app · as `written`. */
  anonymous: 12,
  /** held by the driver when it was stopped. detail: index in HELD_IN. */
  held: 13,
  /** beside `written`, of a line that is no UTF-8: bytes, crc: of the line as a sink that answers in JSON shows it (shown-text.ts). */
  shown: 14,
} as const;

export type LineKind = (typeof LINE_KINDS)[keyof typeof LINE_KINDS];

/** Why a driver dropped a line. */
export const DROP_REASONS = [
  'other',
  'ring-full',
  'queue-full',
  'write-error',
  'reconnecting',
  'max-retries',
  'closed',
  'write-timeout',
] as const;

/** How a stored entry compares with the line that was written. */
export const STORED_FORMS = ['exact', 'truncated', 'rewritten', 'split', 'unverified'] as const;

/** Where a line sat when the driver was stopped. */
export const HELD_IN = ['byte-pipe', 'copier', 'ring', 'queue', 'sending'] as const;

/** One record, decoded. Reused between calls: copy what you keep. */
export interface LineRecord {
  kind: number;
  hop: number;
  detail: number;
  seq: number;
  atNs: number;
  value: number;
  bytes: number;
  crc: number;
}

/** Writes one record at `offset`. Positional, because the hot paths make no object per line. */
export function encodeLineRecord(
  view: DataView,
  offset: number,
  kind: number,
  hop: number,
  detail: number,
  seq: number,
  atNs: number,
  value: number,
  bytes: number,
  crc: number,
): void {
  view.setUint8(offset, kind);
  view.setUint8(offset + 1, hop);
  view.setUint16(offset + 2, Math.min(detail, 65_535), true);
  view.setUint32(offset + 4, seq, true);
  view.setFloat64(offset + 8, atNs, true);
  view.setFloat64(offset + 16, value, true);
  view.setUint32(offset + 24, bytes, true);
  view.setUint32(offset + 28, crc, true);
}

/** Reads the record at `offset` into `record`. */
export function decodeLineRecord(view: DataView, offset: number, record: LineRecord): void {
  record.kind = view.getUint8(offset);
  record.hop = view.getUint8(offset + 1);
  record.detail = view.getUint16(offset + 2, true);
  record.seq = view.getUint32(offset + 4, true);
  record.atNs = view.getFloat64(offset + 8, true);
  record.value = view.getFloat64(offset + 16, true);
  record.bytes = view.getUint32(offset + 24, true);
  record.crc = view.getUint32(offset + 28, true);
}

/** An empty record to reuse. */
export function createLineRecord(): LineRecord {
  return { kind: 0, hop: 0, detail: 0, seq: 0, atNs: 0, value: 0, bytes: 0, crc: 0 };
}
