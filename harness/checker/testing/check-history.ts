// Runs a checker over a history made by hand: the ledger is closed over it as for a recorded run. Times are ms since
// load start; events are put in order of time and numbered, so that what a finding cites can be looked up.

import { closeLedger } from '../../ledger/accounts.ts';
import type { LedgerInput } from '../../ledger/ledger-input.ts';
import type {
  AgentOwnData,
  DriverLoggerState,
  Event,
  OpenWriteData,
  ProcessData,
  PushData,
} from '../../model/event.ts';
import type { CheckResult, Finding } from '../../model/finding.ts';
import { LINE_KINDS, type LineRecord } from '../../model/line-record.ts';
import type { CheckerDefinition } from '../../model/parts.ts';
import type { RunFacts } from '../../model/run.ts';
import type { ReadBackFacts } from '../../model/run-record.ts';
import { createHistory, numberEvents } from '../../testing/create-history.ts';
import { createFacts } from '../../testing/fixtures/report-facts.ts';
import { atMs, type Journey, LOAD_START_NS } from '../../testing/journey.ts';

/** An event that is not numbered yet. */
export type Moment = Omit<Event, 'n'>;

/** A history to judge. */
export interface MadeRun {
  lines?: Record<string, (Journey | LineRecord)[]>;
  events?: Moment[];
  /** Default 10 s of load, judged until 15 s. */
  loadEndMs?: number;
  endMs?: number;
  facts?: Partial<RunFacts>;
  /** Changes the plan of the run. */
  plan?: (plan: RunFacts['plan']) => void;
  params?: Record<string, unknown>;
  ledger?: Partial<Omit<LedgerInput, 'history'>>;
}

/** What the checker said, with the classes of its findings and the events that a finding cites. */
export interface Checked extends CheckResult {
  /** `howling@agent`, one for each finding. */
  found: string[];
  cited(finding: Finding): Event[];
}

/** Closes the ledger over the history and checks it. */
export async function checkHistory(checker: CheckerDefinition<never>, run: MadeRun): Promise<Checked> {
  const { lines = {}, events = [], loadEndMs = 10_000, endMs = 15_000, params = {} } = run;
  const records = Object.fromEntries(
    Object.entries(lines).map(([app, list]) => [app, list.flatMap((one) => ('records' in one ? one.records : [one]))]),
  );
  const framed: Moment[] = [
    { kind: 'phase', hop: 'app', atNs: atMs(0), data: { phase: 'load', loadStartNs: LOAD_START_NS } },
    { kind: 'phase', hop: 'app', atNs: atMs(endMs - 1_000), data: { phase: 'stop' } },
    ...events,
  ];
  const numbered = numberEvents(framed.sort((a, b) => a.atNs - b.atNs));
  const history = createHistory(numbered, records, { run: 'run001' });
  const facts = { ...createFacts(false), loadStartNs: LOAD_START_NS, loadEndMs, endMs, faults: [], ...run.facts };
  run.plan?.(facts.plan);
  const ledger = await closeLedger({
    history,
    apps: Object.keys(lines).map((name) => ({ name, reportsWrites: true, http: false })),
    run: 'run001',
    loadStartNs: LOAD_START_NS,
    readBack: agree(records),
    ...run.ledger,
  });
  const parsed = typeof checker.params === 'function' ? checker.params(params) : checker.params.parse(params);
  const result = await checker.check({ history, ledger, params: parsed, run: facts });
  const byRef = new Map(numbered.map((event) => [`history#${event.n}`, event]));
  return {
    ...result,
    found: result.findings.map((finding) => `${finding.class}@${finding.hop}`),
    cited: ({ evidence }) => evidence.map((ref) => byRef.get(ref)!),
  };
}

function agree(records: Record<string, LineRecord[]>): ReadBackFacts {
  const stored = Object.values(records).reduce(
    (sum, list) => sum + list.filter(({ kind }) => kind === LINE_KINDS.stored).length,
    0,
  );
  const counts = { listedEntries: stored, countedEntries: stored, deliveries: stored };
  return { ...counts, echoes: 0, idLessEntries: 0, phantomSamples: [] };
}

/** The agent's own output at a point. */
export function own(ms: number, bytes: number, rest: Partial<AgentOwnData> = {}): Moment {
  const data = { point: 'stdout', bytes, lines: Math.ceil(bytes / 200), ids: 0, backslashRunMax: 0, ...rest };
  return { kind: 'agent-own', hop: 'agent', atNs: atMs(ms), data };
}

/** The same bytes on their way back into the agent. */
export function reentered(ms: number, bytes: number): Moment {
  return own(ms, bytes, { point: 'reentered' });
}

/** What the driver read of an app. */
export function driverRead(ms: number, bytes: number, app = 'web'): Moment {
  return { kind: 'driver-read', hop: 'driver', app, atNs: atMs(ms), data: { lines: Math.ceil(bytes / 100), bytes } };
}

/** A push of 10 app lines that was accepted, unless told otherwise. */
export function push(ms: number, rest: Partial<PushData> = {}, hop: 'relay' | 'sink' = 'sink'): Moment {
  const appBytes = rest.appBytes ?? 1_000;
  const data: PushData = {
    ...{ push: 1, path: '/loki/api/v1/push', status: 204, startedNs: atMs(ms - 5), answeredNs: atMs(ms) },
    ...{ decodedBytes: appBytes, format: 'protobuf', entries: 10, lineBytes: appBytes, appEntries: 10, appBytes },
    ...{ ownEntries: 0, ownBytes: 0, anonymous: {}, ids: 10, backslashRunMax: 0, ...rest },
  };
  return { kind: 'push', hop, atNs: atMs(ms), data: { ...data } };
}

/** A sighting of the control emitter. */
export function control(ms: number, maxWriteMs = 0.2, maxLatenessMs = 1): Moment {
  return { kind: 'probe', hop: 'app', atNs: atMs(ms), data: { probe: 'control', maxWriteMs, maxLatenessMs } };
}

/** Control sightings each second of a calm machine. */
export function calmMachine(untilMs = 15_000): Moment[] {
  return Array.from({ length: Math.floor(untilMs / 1_000) }, (_, second) => control((second + 1) * 1_000));
}

/** How late the load generator was. */
export function loadProbe(ms: number, maxLatenessMs: number, eventLoopMaxMs = 1): Moment {
  const data = { probe: 'load', maxLatenessMs, eventLoopMaxMs, inFlight: 0, notSent: 0 };
  return { kind: 'probe', hop: 'app', atNs: atMs(ms), data };
}

/** What the driver said of a logger. */
export function logger(ms: number, state: Partial<DriverLoggerState>): Moment {
  const quiet = { app: 'web', state: 'idle', blockedMs: 0, heldBytes: 0, queuedMessages: 0, pipeFull: false };
  const loggers = [{ ...quiet, readBytes: 0, sentMessages: 0, droppedMessages: 0, ...state }];
  return { kind: 'probe', hop: 'driver', atNs: atMs(ms), data: { probe: 'driver-state', loggers } };
}

/** A write that was published while it was open. */
export function openWrite(
  ms: number,
  rest: Partial<OpenWriteData> & { seq: number; beginMs: number },
  app = 'web',
): Moment {
  const { beginMs, ...data } = rest;
  return {
    ...{ kind: 'write-begin', hop: 'app', app, atNs: atMs(ms) },
    data: { beginNs: atMs(beginMs), ageMs: ms - beginMs, queued: false, waitingLines: 0, ...data },
  };
}

/** A process that changed its state. */
export function processState(
  ms: number,
  role: ProcessData['role'],
  state: ProcessData['state'],
  name = 'agent',
): Moment {
  return { kind: 'process', hop: 'agent', atNs: atMs(ms), data: { role, name, pid: 1, state } };
}
