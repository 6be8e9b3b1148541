// What one recorded push holds, found by the hop itself: ids by a scan of the whole decompressed body, and entry by
// entry what looks like an app's line, what is the agent's own, and what may be a line that carries no id.

import { crc32 } from 'node:zlib';
import type { LineWrapper } from '../../model/agent.ts';
import type { PushData } from '../../model/event.ts';
import type { LineIdScanner, OnLineId } from '../../model/line-id.ts';
import { unwrapLine } from '../../model/unwrap.ts';
import { longestBackslashRun } from './backslashes.ts';
import { decodeBody } from './decode.ts';
import { walkJson, walkProtobuf } from './entries.ts';
import { isOtlpPath, walkOtlpJson, walkOtlpProtobuf } from './otlp-entries.ts';

/** The part of PushData that the body alone decides. */
export type BodyFacts = Pick<
  PushData,
  | 'decodedBytes'
  | 'format'
  | 'entries'
  | 'lineBytes'
  | 'appEntries'
  | 'appBytes'
  | 'ownEntries'
  | 'ownBytes'
  | 'anonymous'
  | 'ids'
  | 'foreign'
  | 'backslashRunMax'
>;

/** What was found in a body. Ids in columns: one position is one sighting. */
export interface PushScan {
  facts: BodyFacts;
  /** Decompressed body. */
  bytes: Buffer;
  apps: number[];
  seqs: number[];
  /** Ids in the same entry. */
  companions: number[];
  /** Checksum that each id carries. */
  sums: number[];
  canaries: { app: number; seq: number }[];
}

/** How a body came. */
export interface ScanInput {
  body: Buffer;
  contentType: string;
  contentEncoding: string;
  /** Path of the request: it tells OTLP from Loki's own format, which is the default. */
  path?: string;
  wrapper: LineWrapper;
}

const ANONYMOUS_BYTES_MAX = 4_096;
const ANONYMOUS_KINDS_MAX = 32;
const IDS_PER_ENTRY_MAX = 64;
const FOREIGN_MAX = 8;

/** Scans a body. Never throws. Where its entries cannot be told, format is `unknown` and each id stands by itself. */
export function scanPush(scanner: LineIdScanner, input: ScanInput): PushScan {
  const isOtlp = isOtlpPath(input.path ?? '');
  const { bytes, kind } = decodeBody(input.body, { ...input, isOtlp });
  const scan = createScan(bytes);
  const onEntry = createEntryVisitor(scanner, scan, input.wrapper);
  const walk = kind === 'json' ? (isOtlp ? walkOtlpJson : walkJson) : isOtlp ? walkOtlpProtobuf : walkProtobuf;
  const isWalked = kind !== 'unknown' && walk(bytes, onEntry);
  if (isWalked) {
    scan.facts.format = kind as 'json' | 'protobuf';
    scan.facts.ids = scanner.count(bytes);
    return scan;
  }
  const unknown = createScan(bytes);
  unknown.facts.ids = scanner.scan(bytes, (id) => noteId(unknown, id, { text: bytes, companions: 1 }));
  return unknown;
}

function createScan(bytes: Buffer): PushScan {
  const facts: BodyFacts = {
    decodedBytes: bytes.length,
    format: 'unknown',
    entries: 0,
    lineBytes: 0,
    appEntries: 0,
    appBytes: 0,
    ownEntries: 0,
    ownBytes: 0,
    anonymous: {},
    ids: 0,
    backslashRunMax: longestBackslashRun(bytes),
  };
  return { facts, bytes, apps: [], seqs: [], companions: [], sums: [], canaries: [] };
}

type FoundId = Parameters<OnLineId>[0];

function createEntryVisitor(scanner: LineIdScanner, scan: PushScan, wrapper: LineWrapper): (line: Buffer) => void {
  const { facts } = scan;
  const found: FoundId[] = [];
  const collect = (id: FoundId): void => {
    if (found.length < IDS_PER_ENTRY_MAX) found.push(id);
  };
  return (line) => {
    found.length = 0;
    const count = scanner.scan(line, collect);
    facts.entries++;
    facts.lineBytes += line.length;
    if (count === 1) {
      facts.appEntries++;
      facts.appBytes += line.length;
    } else {
      facts.ownEntries++;
      facts.ownBytes += line.length;
    }
    for (const id of found) noteId(scan, id, { text: line, companions: count });
    if (count === 0 && line.length <= ANONYMOUS_BYTES_MAX) noteAnonymous(facts.anonymous, line, wrapper);
  };
}

function noteId(scan: PushScan, id: FoundId, { text, companions }: { text: Buffer; companions: number }): void {
  if (id.appIndex === -1) {
    scan.facts.foreign ??= [];
    if (scan.facts.foreign.length < FOREIGN_MAX) scan.facts.foreign.push(text.toString('latin1', id.start, id.end));
  } else if (id.canary) {
    scan.canaries.push({ app: id.appIndex, seq: id.seq });
  } else {
    scan.apps.push(id.appIndex);
    scan.seqs.push(id.seq);
    scan.companions.push(companions);
    scan.sums.push(id.crc);
  }
}

/** Counts an entry without an id under the CRC of its text; above 32 kinds under `*`. */
function noteAnonymous(anonymous: BodyFacts['anonymous'], line: Buffer, wrapper: LineWrapper): void {
  const text = unwrapLine(line, wrapper) ?? line;
  const crc = crc32(text).toString(16).padStart(8, '0');
  const isKnown = Object.hasOwn(anonymous, crc);
  const isFull = !isKnown && Object.keys(anonymous).length >= ANONYMOUS_KINDS_MAX;
  const key = isFull ? '*' : crc;
  const sum = anonymous[key] ?? [0, 0];
  sum[0]++;
  sum[1] += line.length;
  anonymous[key] = sum;
}
