// One run from start to verdict, in the order of docs/architecture.md ("A run, in order"):
// prepare → preflight → load with faults → heal → drain → stop → read back → judge → tear down.

import { describeError, HarnessError } from '../core/errors.ts';
import { nowNs, sleep } from '../core/real-clock.ts';
import type { LineWrapper } from '../model/agent.ts';
import type { Engine, EngineWorld, PartRegistry } from '../model/engine.ts';
import type { EventRef, PhaseData } from '../model/event.ts';
import type { Reporter } from '../model/reporter.ts';
import type { RunPlan } from '../model/run.ts';
import type { RunRecord } from '../model/run-record.ts';
import { drain } from './drain.ts';
import { startFaultTimeline } from './fault-timeline.ts';
import { createHistoryWriter, type HistoryWriter } from './history-writer.ts';
import { type JudgedRun, judgeRun } from './judge-run.ts';
import { preflight } from './preflight.ts';
import { prepareRun } from './prepare-run.ts';
import { createProgress, type Progress } from './progress.ts';
import { readBackSink } from './read-back.ts';
import { createRunRecord, writeRunRecord } from './run-record-file.ts';

/** What a run needs beside its plan. */
export interface RunContext {
  plan: RunPlan;
  registry: PartRegistry;
  engine: Engine;
  /** Images to use in place of others (docker engine). */
  images?: Record<string, string>;
  reporter: Reporter;
  /** Aborted by Ctrl-C: the run ends early, writes what there is and is unknown. */
  signal: AbortSignal;
  /** Judge by these checkers only; empty: by all. */
  only: readonly string[];
  /** Keep the private folders of the run's parts. */
  keep: boolean;
}

/** Troubles of the agent or its set-up: the run is unknown and says why. Everything else is the harness breaking. */
const UNKNOWN_CODES = new Set(['E_AGENT_START', 'E_ENGINE_DRIVER', 'E_PREFLIGHT', 'E_PLUGIN_APP', 'E_PLUGIN_SINK']);

/** Runs and judges; the run folder holds everything. Throws HarnessError when the harness itself broke. */
export async function executeRun(context: RunContext): Promise<JudgedRun> {
  const { plan, reporter } = context;
  const { dueLines } = await prepareRun(plan);
  const history = createHistoryWriter(`${plan.folder}/history.jsonl`);
  const record = createRunRecord(plan);
  const run: RunState = { ...context, history, record, progress: createProgress(), dueLines };
  history.onEvent = run.progress.take;
  try {
    await live(run);
  } catch (error) {
    note(run, error);
  } finally {
    history.close();
    if (history.failure) record.doubts.push(`The history has holes: ${history.failure.message}`);
    writeRunRecord(plan.folder, record);
  }
  reporter.phase('judge', '');
  return judgeRun(plan.folder, context.registry, context.only);
}

interface RunState extends RunContext {
  history: HistoryWriter;
  record: RunRecord;
  progress: Progress;
  dueLines: number;
}

/** The living part of a run: all processes exist only inside this function. */
async function live(run: RunState): Promise<void> {
  const { plan, registry, engine, images = {}, record, signal } = run;
  const lacks = engine.missing(plan, registry);
  if (lacks.length > 0) return void record.doubts.push(...lacks);
  enter(run, 'prepare');
  await using world = await engine.open({ plan, registry, record: run.history.record, signal, keep: run.keep, images });
  record.selfRecordingApps = [...world.selfRecordingApps];
  describeWorld(record, world);
  signal.throwIfAborted();
  enter(run, 'preflight');
  record.wrapper = await preflight({ plan, world, signal });
  record.recordingHop = (await world.heardCanaries()) !== null;
  await world.startApps();
  describeWorld(record, world);
  await load(run, world);
  await stop(run, world);
  await readBack(run, world, record.wrapper);
  enter(run, 'end');
}

/** What runs, as far as it is started. */
function describeWorld(record: RunRecord, world: EngineWorld): void {
  const { versions, images } = world.describe();
  Object.assign(record.versions, versions);
  if (images) record.images = images;
}

/** Open-model load with the fault timeline, heal, drain. */
async function load(run: RunState, world: EngineWorld): Promise<void> {
  const { plan, registry, history, record, signal, progress } = run;
  const { scenario } = plan;
  progress.reset();
  const loadEndMs = Math.max(0, ...scenario.load.map(({ untilMs }) => untilMs));
  const loadStartNs = nowNs() + START_LEAD_NS;
  record.loadStartNs = loadStartNs;
  record.loadStartWallMs = Date.now() + START_LEAD_NS / 1e6;
  record.loadEndMs = loadEndMs;
  enter(run, 'load', { loadStartNs });
  await world.startLoad(loadStartNs);
  const timeline = startFaultTimeline({
    faults: scenario.faults,
    registry,
    world: world.world,
    loadStartNs,
    record: history.record,
    signal,
  });
  const ticker = setInterval(() => tick(run, timeline.active()), 250);
  try {
    await sleep(Math.max(0, loadEndMs - (nowNs() - loadStartNs) / 1e6), signal);
    enter(run, 'heal');
    await Promise.all([timeline.done.then(() => timeline.healAll()), world.loadSettled(LOAD_SETTLE_MS)]);
    enter(run, 'drain');
    const reason = await drain({ progress, limitMs: scenario.limits.drainMs, signal, onTick: () => undefined });
    history.record({ kind: 'harness', hop: 'sink', data: { drained: reason } });
  } finally {
    clearInterval(ticker);
    await timeline.healAll();
  }
}

/** Enough for every part to hear of the start before it comes. */
const START_LEAD_NS = 200e6;
const LOAD_SETTLE_MS = 5_000;

async function stop(run: RunState, world: EngineWorld): Promise<void> {
  enter(run, 'stop');
  await world.stopApps();
  await world.stopAgent();
  await world.flush();
}

async function readBack(run: RunState, world: EngineWorld, wrapper: LineWrapper): Promise<void> {
  enter(run, 'read-back');
  run.record.readBack = await readBackSink({ plan: run.plan, world, wrapper, record: run.history.record });
  if (run.record.loadStartNs !== null) run.record.endMs = (nowNs() - run.record.loadStartNs) / 1e6;
}

function enter(run: RunState, phase: PhaseData['phase'], extra: Partial<PhaseData> = {}): EventRef {
  run.reporter.phase(phase, '');
  return run.history.record({ kind: 'phase', hop: 'app', data: { phase, ...extra } });
}

function tick({ reporter, progress, record, dueLines }: RunState, activeFaults: string[]): void {
  const { totals } = progress;
  reporter.tick({
    sinceLoadStartMs: record.loadStartNs === null ? 0 : (nowNs() - record.loadStartNs) / 1e6,
    loadMs: record.loadEndMs,
    dueLines,
    writtenLines: totals.readLines,
    storedLines: totals.acceptedLines,
    pushes: totals.pushes,
    refused: totals.refused,
    activeFaults,
  });
}

/** Sorts an error into: interrupted, the agent's or set-up's trouble (unknown), or ours (thrown on). */
function note(run: RunState, error: unknown): void {
  const { record, signal } = run;
  if (record.loadStartNs !== null) record.endMs = (nowNs() - record.loadStartNs) / 1e6;
  if (signal.aborted) {
    record.interrupted = true;
    record.doubts.push('interrupted');
    return;
  }
  // What was lost with the runtime says nothing about the agent, whatever checkers would make of it.
  if (error instanceof HarnessError && error.code === 'E_DOCKER_LOST') {
    record.interrupted = true;
    record.doubts.push(error.message);
    return;
  }
  if (!(error instanceof HarnessError) || !UNKNOWN_CODES.has(error.code)) throw error;
  record.doubts.push(describeError(error));
}
