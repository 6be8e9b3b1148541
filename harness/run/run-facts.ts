// What checkers are told about a run beside history and ledger: its phases, its faults and whether they bit, and all
// that makes it doubtful as a whole. Read from the record and the recorded history.

import type { PartRegistry } from '../model/engine.ts';
import type { Event, ProcessData } from '../model/event.ts';
import type { History } from '../model/history.ts';
import { LINE_KINDS, type LineRecord } from '../model/line-record.ts';
import type { PartCost, RunFacts, RunPlan } from '../model/run.ts';
import type { RunRecord } from '../model/run-record.ts';
import { createCostMeter } from './part-costs.ts';
import { type BusyWindow, describeBusySink } from './sink-busy.ts';

/** Collects the facts of a run. */
export async function collectRunFacts({
  record,
  plan,
  history,
  registry,
}: {
  record: RunRecord;
  plan: RunPlan;
  history: History;
  registry: PartRegistry;
}): Promise<RunFacts> {
  const loadStartNs = record.loadStartNs ?? 0;
  const seen = await readControl(history, loadStartNs);
  const faults = await collectFaults({ seen, record, history, registry, loadStartNs });
  const doubts = [...record.doubts, ...seen.problems, ...describeBusySink(seen.busy)];
  for (const { fault, bit } of faults) if (!bit) doubts.push(`The fault ${fault} left no evidence that it bit`);
  if (record.loadStartNs !== null && faults.length < plan.scenario.faults.length && !record.interrupted)
    doubts.push('Not every fault of the scenario was injected');
  return {
    plan,
    loadStartNs,
    ...(record.loadStartWallMs !== undefined && { loadStartWallMs: record.loadStartWallMs }),
    loadEndMs: record.loadEndMs,
    endMs: record.endMs,
    faults,
    anonymousCrcs: record.loadStartNs === null ? [] : await anonymousCrcs(history),
    doubts,
    interrupted: record.interrupted,
    lineWrapper: record.wrapper.kind,
    costs: seen.costs,
  };
}

interface Seen {
  injected: Map<number, { fault: string; atNs: number; hop: string }>;
  healed: Map<number, number>;
  problems: string[];
  busy: BusyWindow[];
  costs: PartCost[];
}

async function readControl(history: History, loadStartNs: number): Promise<Seen> {
  const seen: Seen = { injected: new Map(), healed: new Map(), problems: [], busy: [], costs: [] };
  const meter = createCostMeter();
  let isLoading = false;
  for await (const event of history.control()) {
    const data = event.data ?? {};
    meter.add(event);
    if (event.kind === 'phase') isLoading = data.phase === 'load';
    else if (event.kind === 'fault-injected')
      seen.injected.set(data.index as number, { fault: data.fault as string, atNs: event.atNs, hop: event.hop });
    else if (event.kind === 'fault-healed') seen.healed.set(data.index as number, event.atNs);
    else if (event.kind === 'harness') seen.problems.push(...describeProblem(event));
    else if (event.kind === 'process') seen.problems.push(...describeExit(data as unknown as ProcessData));
    else if (event.kind === 'probe' && data.probe === 'sink' && isLoading)
      seen.busy.push({ atMs: (event.atNs - loadStartNs) / 1e6, busyRatio: data.busyRatio as number });
  }
  seen.costs = meter.describe();
  return seen;
}

function describeProblem({ data, app }: Event): string[] {
  if (data?.problem === 'fault-failed')
    return [`The fault ${data.fault} could not be ${data.doing === 'heal' ? 'healed' : 'injected'}: ${data.error}`];
  return data?.error === undefined ? [] : [`${app ? `App ${app}` : 'The harness'}: ${data.error}`];
}

/** A process of ours that ends by itself takes its observations with it. The agent's end is the agent's business. */
function describeExit({ role, name, state, expected, code, signal }: ProcessData): string[] {
  if (state !== 'exited' || expected !== false || role === 'agent') return [];
  if (code === 0 || signal === 'SIGKILL') return [];
  return [`The ${role} process ${name} ended by itself (${signal ?? `code ${code}`})`];
}

async function collectFaults({
  seen,
  record,
  history,
  registry,
  loadStartNs,
}: {
  seen: Seen;
  record: RunRecord;
  history: History;
  registry: PartRegistry;
  loadStartNs: number;
}): Promise<RunFacts['faults']> {
  const faults: RunFacts['faults'] = [];
  for (const [index, { fault, atNs, hop }] of [...seen.injected].sort(([a], [b]) => a - b)) {
    const toNs = seen.healed.get(index) ?? loadStartNs + record.endMs * 1e6;
    const evidence = (await registry.faults.get(fault)?.bit(history, { fromNs: atNs, toNs })) ?? [];
    faults.push({
      fault,
      hop,
      fromMs: (atNs - loadStartNs) / 1e6,
      toMs: (toNs - loadStartNs) / 1e6,
      bit: evidence.length > 0,
      evidence: evidence.slice(0, 20),
    });
  }
  return faults;
}

/** CRC-32 of every kind of anonymous line the apps wrote: few, since such lines are fixed texts. */
async function anonymousCrcs(history: History): Promise<string[]> {
  const crcs = new Set<number>();
  for (const app of history.apps()) {
    const add = ({ crc }: LineRecord): void => void (crcs.size < 1_000 && crcs.add(crc));
    await history.lines(app, add, [LINE_KINDS.anonymous]);
  }
  return [...crcs].map((crc) => crc.toString(16).padStart(8, '0'));
}
