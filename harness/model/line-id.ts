// The identity of a line: `lrs1-<run>-<app>-<seq>-<len>-<crc>`, letters, digits and `-` only, so that JSON,
// logfmt and URL escaping keep it. `len` is the whole line's bytes (without newline) and `crc` the CRC-32 of the
// line's bytes before and after the id (8 hex digits), so that a synthetic line can be checked against its own
// id; both are zero where the id was made before the line (a request path). Canaries of preflight carry `c` before seq.

export const LINE_ID_PREFIX = 'lrs1-';

/** An app name: what `<app>` may be. */
export const APP_NAME = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,30}[A-Za-z0-9])?$/;

/** The parts of an id. `seq` counts from 0 in each app. */
export interface LineId {
  run: string;
  app: string;
  seq: number;
  canary: boolean;
  /** Bytes of the whole line, 0 when the id was made before the line. */
  bytes: number;
  /** CRC-32 of the line without the id, 0 when the id was made before the line. */
  crc: number;
}

/** The text of an id. */
export function formatLineId({ run, app, seq, canary, bytes, crc }: LineId): string {
  return `${LINE_ID_PREFIX}${run}-${app}-${canary ? 'c' : ''}${seq}-${bytes}-${(crc >>> 0).toString(16).padStart(8, '0')}`;
}

/** Called once per id found: which app of `apps` (-1: none of them), its seq, and the id's byte range in the text. */
export type OnLineId = (found: {
  appIndex: number;
  seq: number;
  canary: boolean;
  start: number;
  end: number;
  bytes: number;
  crc: number;
}) => void;

/** Finds every id of one run in bytes. Reused over millions of lines: it makes no object unless an id is found. */
export interface LineIdScanner {
  readonly apps: readonly string[];
  /** Calls `onId` for each id, in order; returns how many were found. */
  scan(bytes: Buffer, onId: OnLineId): number;
  /** Number of ids in the bytes. */
  count(bytes: Buffer): number;
}

const DASH = 0x2d;

/** A scanner for the ids of `run`; `apps` are the app names it knows (others are found too, with appIndex -1). */
export function createLineIdScanner(run: string, apps: readonly string[]): LineIdScanner {
  const needle = Buffer.from(`${LINE_ID_PREFIX}${run}-`);
  const names = apps.map((app) => Buffer.from(`${app}-`));
  // Longer names first, so that `web-1` is not taken for `web`.
  const order = names.map((_, index) => index).sort((a, b) => names[b]!.length - names[a]!.length);
  const found = { appIndex: 0, seq: 0, canary: false, start: 0, end: 0, bytes: 0, crc: 0 };

  const parseAt = (bytes: Buffer, start: number): boolean => {
    const nameAt = start + needle.length;
    for (const index of order) {
      const name = names[index]!;
      if (startsWith(bytes, nameAt, name) && parseTail(bytes, nameAt + name.length, found)) {
        found.appIndex = index;
        found.start = start;
        return true;
      }
    }
    return parseForeign(bytes, { start, nameAt }, found);
  };

  const scan = (bytes: Buffer, onId: OnLineId): number => {
    let count = 0;
    for (let at = bytes.indexOf(needle); at !== -1; ) {
      let from = at + needle.length;
      if (parseAt(bytes, at)) {
        count++;
        from = found.end;
        onId({ ...found });
      }
      at = bytes.indexOf(needle, from);
    }
    return count;
  };
  return { apps, scan, count: (bytes) => scan(bytes, () => undefined) };
}

type Found = { appIndex: number; seq: number; canary: boolean; start: number; end: number; bytes: number; crc: number };

/** Reads `[c]<seq>-<len>-<8 hex>` at `at`; fills `found` and tells whether it is one. */
function parseTail(bytes: Buffer, at: number, found: Found): boolean {
  let index = at;
  found.canary = bytes[index] === 0x63;
  if (found.canary) index++;
  let digits = 0;
  let seq = 0;
  for (; isDigit(bytes[index]) && digits < 10; index++, digits++) seq = seq * 10 + bytes[index]! - 0x30;
  if (digits === 0 || bytes[index++] !== DASH) return false;
  digits = 0;
  let length = 0;
  for (; isDigit(bytes[index]) && digits < 10; index++, digits++) length = length * 10 + bytes[index]! - 0x30;
  if (digits === 0 || bytes[index++] !== DASH) return false;
  let crc = 0;
  for (let nibble = 0; nibble < 8; nibble++, index++) {
    const value = hexValue(bytes[index]);
    if (value < 0) return false;
    crc = crc * 16 + value;
  }
  found.seq = seq;
  found.bytes = length;
  found.crc = crc;
  found.end = index;
  return true;
}

/** An id whose app is none of ours: a phantom, if it is well-formed. */
function parseForeign(bytes: Buffer, { start, nameAt }: { start: number; nameAt: number }, found: Found): boolean {
  for (let index = nameAt; index < Math.min(bytes.length, nameAt + 34); index++) {
    if (bytes[index] === DASH && index > nameAt && parseTail(bytes, index + 1, found)) {
      found.appIndex = -1;
      found.start = start;
      return true;
    }
  }
  return false;
}

function startsWith(bytes: Buffer, at: number, text: Buffer): boolean {
  if (at + text.length > bytes.length) return false;
  for (let index = 0; index < text.length; index++) if (bytes[at + index] !== text[index]) return false;
  return true;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

function hexValue(byte: number | undefined): number {
  if (byte === undefined) return -1;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  return byte >= 0x61 && byte <= 0x66 ? byte - 0x57 : -1;
}
