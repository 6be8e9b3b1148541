// A synthetic run folder of any size for judge.bench.ts: two apps whose lines went the whole way through the
// pipeline, but for one in ten thousand that the agent never pushed. Records lie in the file as the witnesses
// write them: the plan first, then blocks of app, driver and recording hop in turn, read-back last.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { EmittedEvent } from '../harness/model/event.ts';
import { HOPS, LINE_KINDS } from '../harness/model/line-record.ts';
import { createLineWriter, type LineWriter } from '../harness/model/line-writer.ts';
import { createHistoryWriter, type HistoryWriter } from '../harness/run/history-writer.ts';
import { createRunRecord, writeRunRecord } from '../harness/run/run-record-file.ts';
import { createFacts } from '../harness/testing/fixtures/report-facts.ts';

const LOAD_START_NS = 5_000e9;
/** Lines per second of both apps together. */
const LINES_PER_SECOND = 5_000;
const BLOCK = 512;
const LOST_EVERY = 10_000;
const LINE_BYTES = 230;
const APPS = { web: 0.75, quiet: 0.25 };
const [APP, DRIVER, SINK, LOAD] = (['app', 'driver', 'sink', 'load'] as const).map((hop) => HOPS.indexOf(hop)) as [
  number,
  number,
  number,
  number,
];

/** Writes it; returns how many lines are lost. */
export function writeSyntheticRun(folder: string, lines: number): { lost: number } {
  mkdirSync(join(folder, 'lines'), { recursive: true });
  const durationMs = (lines / LINES_PER_SECOND) * 1_000;
  const counts = Object.entries(APPS).map(([app, share]) => ({ app, count: Math.round(lines * share) }));
  const lost = counts.map(({ app, count }) => writeLines(join(folder, 'lines', `${app}.bin`), count, durationMs));
  writeControlEvents(join(folder, 'history.jsonl'), durationMs);
  writeRecord(folder, { durationMs, stored: lines - sum(lost) });
  return { lost: sum(lost) };
}

function writeLines(path: string, count: number, durationMs: number): number {
  const writer = createLineWriter(path);
  const stepMs = durationMs / count;
  for (let seq = 0; seq < count; seq++) writer.append(LINE_KINDS.planned, LOAD, 0, seq, 0, seq * stepMs, LINE_BYTES, 0);
  for (let from = 0; from < count; from += BLOCK) {
    const to = Math.min(count, from + BLOCK);
    for (const witness of WITNESSES)
      for (let seq = from; seq < to; seq++) witness(writer, seq, LOAD_START_NS + seq * stepMs * 1e6);
  }
  let lost = 0;
  for (let seq = 0; seq < count; seq++) {
    if (isLost(seq)) lost++;
    else
      writer.append(LINE_KINDS.stored, SINK, 0, seq, at(durationMs + 8_000), wallNs(seq * stepMs), LINE_BYTES, seq + 1);
  }
  writer.close();
  return lost;
}

/** What each witness writes of a line that was due at `dueNs`. */
const WITNESSES: ((writer: LineWriter, seq: number, dueNs: number) => void)[] = [
  (writer, seq, dueNs) =>
    writer.append(LINE_KINDS.written, APP, 20, seq, dueNs + 3e5, dueNs + 3e5 + (seq % 97) * 1e4, LINE_BYTES, seq + 9),
  (writer, seq, dueNs) => writer.append(LINE_KINDS.driverSent, DRIVER, 0, seq, dueNs + 4e6, 0, LINE_BYTES, seq + 1),
  (writer, seq, dueNs) => {
    const push = Math.floor((dueNs - LOAD_START_NS) / 1e9) + 1;
    if (!isLost(seq)) writer.append(LINE_KINDS.pushed, SINK, 204, seq, dueNs + 1e9, push, 1, seq + 1);
  },
];

function isLost(seq: number): boolean {
  return seq % LOST_EVERY === LOST_EVERY - 1;
}

function writeControlEvents(path: string, durationMs: number): void {
  const writer = createHistoryWriter(path);
  const phase = (ms: number, name: string, data = {}): void =>
    void writer.record({ atNs: at(ms), kind: 'phase', hop: 'app', data: { phase: name, ...data } });
  phase(-900, 'preflight');
  phase(0, 'load', { loadStartNs: LOAD_START_NS });
  for (let ms = 250; ms <= durationMs; ms += 250) writeQuarter(writer, ms);
  phase(durationMs, 'drain');
  phase(durationMs + 2_000, 'stop');
  phase(durationMs + 9_000, 'end');
  writer.close();
}

/** What parts tell every 250 ms, and each second. */
function writeQuarter(writer: HistoryWriter, ms: number): void {
  const record = (event: EmittedEvent): void => void writer.record({ atNs: at(ms), ...event });
  const bytes = (LINES_PER_SECOND / 4) * LINE_BYTES;
  for (const [app, share] of Object.entries(APPS)) {
    const data = { lines: (LINES_PER_SECOND / 4) * share, bytes: bytes * share };
    record({ kind: 'driver-read', hop: 'driver', app, data });
    record({ kind: 'driver-sent', hop: 'driver', app, data });
  }
  if (ms % 1_000 !== 0) return;
  record({
    kind: 'agent-own',
    hop: 'agent',
    data: { point: 'stdout', bytes: 60, lines: 1, ids: 0, backslashRunMax: 0 },
  });
  record({ kind: 'probe', hop: 'app', data: { probe: 'control', maxWriteMs: 0.2, maxLatenessMs: 1 } });
  const entries = {
    entries: LINES_PER_SECOND,
    lineBytes: bytes * 4,
    appEntries: LINES_PER_SECOND,
    appBytes: bytes * 4,
  };
  const own = { ownEntries: 0, ownBytes: 0, anonymous: {}, ids: LINES_PER_SECOND, backslashRunMax: 0 };
  const answer = {
    push: ms / 1_000,
    path: '/loki/api/v1/push',
    status: 204,
    startedNs: at(ms),
    answeredNs: at(ms + 20),
  };
  const data = { ...answer, ...entries, ...own, decodedBytes: bytes * 5, format: 'protobuf' };
  record({ kind: 'push', hop: 'sink', data });
}

function writeRecord(folder: string, { durationMs, stored }: { durationMs: number; stored: number }): void {
  const { plan } = createFacts(false);
  const expect = { 'feedback-loop': {}, 'socket-stall': {}, parity: {} };
  writeRunRecord(folder, {
    ...createRunRecord({ ...plan, folder, scenario: { ...plan.scenario, faults: [], expect } }),
    loadStartNs: LOAD_START_NS,
    loadEndMs: durationMs,
    endMs: durationMs + 9_000,
    wrapper: { kind: 'raw' },
    selfRecordingApps: Object.keys(APPS),
    readBack: {
      listedEntries: stored,
      countedEntries: stored,
      deliveries: stored,
      echoes: 0,
      idLessEntries: 0,
      phantomSamples: [],
    },
  });
}

function at(ms: number): number {
  return LOAD_START_NS + ms * 1e6;
}

function wallNs(ms: number): number {
  return 1.79e18 + ms * 1e6;
}

function sum(counts: number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
