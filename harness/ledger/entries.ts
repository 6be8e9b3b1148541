// The lines that were not stored exactly once, by id. The length and checksum in an id are known to those who saw
// the id itself (driver, recording hop, read-back): they leave the checksum in their records, and the few lines
// that are named here are completed from there in a second pass.

import type { History } from '../model/history.ts';
import type { LedgerEntry } from '../model/ledger.ts';
import { formatLineId, LINE_ID_PREFIX } from '../model/line-id.ts';
import { LINE_KINDS, type LineRecord } from '../model/line-record.ts';
import { type JudgeContext, judgeLine } from './judge-line.ts';
import { SEEN_AT_RELAY, type Tally } from './tally.ts';
import { ticksToMs } from './ticks.ts';

/** Checksums in the ids of the kept lines, by app and row; 0 where no witness told. */
export type IdSums = Map<string, Uint32Array>;

/** The kept lines of all apps, in order of app and seq; a fresh iteration each call. */
export function* listEntries(
  contexts: JudgeContext[],
  { run, idSums }: { run: string; idSums: IdSums },
): Generator<LedgerEntry> {
  for (const context of contexts) {
    const { columns } = context.tally;
    const sums = idSums.get(context.app.name);
    for (let row = 0; row < columns.length; row++) {
      const seq = context.kept[row]!;
      yield {
        id: describeId(context, { run, seq, bytes: columns.bytes[row]!, crc: sums?.[row] ?? 0 }),
        app: context.app.name,
        seq,
        ...judgeLine(context, row),
        lastSeenMs: ticksToMs(columns.lastAt[row]!),
        lastSeen: describeSighting(context.tally, row),
        bytes: columns.bytes[row]!,
        acceptedPushes: columns.accepted[row]!,
        storedCopies: columns.stored[row]!,
      };
    }
  }
}

/** Reads the checksums for the apps whose ids carry one. */
export async function readIdSums(history: History, contexts: JudgeContext[]): Promise<IdSums> {
  const sums: IdSums = new Map();
  for (const { app, kept } of contexts) {
    if (!carriesSum(app) || kept.length === 0) continue;
    const ofApp = new Uint32Array(kept.length);
    const add = (record: LineRecord): void => {
      if (record.crc === 0) return;
      const row = findRow(kept, record.seq);
      if (row !== -1) ofApp[row] = record.crc;
    };
    await history.lines(app.name, add, SAW_ID);
    sums.set(app.name, ofApp);
  }
  return sums;
}

/** Ids of requests and of foreign apps are made before the line and hold zeros. */
function carriesSum(app: JudgeContext['app']): boolean {
  return app.reportsWrites && !app.http;
}

/** Records whose checksum is that of the id; in the others it is that of the line. */
const SAW_ID = Object.values(LINE_KINDS).filter(
  (kind) => kind !== LINE_KINDS.written && kind !== LINE_KINDS.planned && kind !== LINE_KINDS.anonymous,
);

function findRow(kept: Uint32Array, seq: number): number {
  let low = 0;
  let high = kept.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const value = kept[middle]!;
    if (value === seq) return middle;
    if (value < seq) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

/** The whole id; without length and checksum for a line that no witness of ids ever saw. */
function describeId(
  { app }: JudgeContext,
  { run, seq, bytes, crc }: { run: string; seq: number; bytes: number; crc: number },
): string {
  if (!carriesSum(app)) return formatLineId({ run, app: app.name, seq, canary: false, bytes: 0, crc: 0 });
  if (crc !== 0) return formatLineId({ run, app: app.name, seq, canary: false, bytes, crc });
  return `${LINE_ID_PREFIX}${run}-${app.name}-${seq}`;
}

function describeSighting({ columns, answers }: Tally, row: number): string {
  const kind = columns.lastKind[row]!;
  if (kind === SEEN_AT_RELAY)
    return `pushed to the relay: ${describeStatus(answers[columns.relayAnswer[row]!]!.status)}`;
  if (kind === LINE_KINDS.pushed)
    return `pushed to the sink: ${describeStatus(answers[columns.sinkAnswer[row]!]!.status)}`;
  return SIGHTINGS[kind] ?? 'never seen';
}

function describeStatus(status: number): string {
  return status === 0 ? 'no answer' : String(status);
}

const SIGHTINGS: Record<number, string> = {
  [LINE_KINDS.planned]: 'planned',
  [LINE_KINDS.written]: 'written by the app',
  [LINE_KINDS.driverRead]: 'read by the driver',
  [LINE_KINDS.driverDropped]: 'dropped by the driver',
  [LINE_KINDS.driverSent]: 'sent by the driver',
  [LINE_KINDS.held]: 'held by the driver',
  [LINE_KINDS.stored]: 'read back from the sink',
  [LINE_KINDS.answered]: 'request answered',
  [LINE_KINDS.failed]: 'request failed',
  [LINE_KINDS.notSent]: 'request not sent',
};
