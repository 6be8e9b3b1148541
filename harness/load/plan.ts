// The plan of a run: which line of which app is due when. It is written before load as `planned` records into
// `lines/<app>.bin`, so that the load itself, the apps and later the ledger all read the same instants.
//
//   load items ──► due times ──► merged per app in time, numbered ──► lines/<app>.bin
//                                     └─ http: the same numbers again for every app in the backend chain

import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { HarnessError } from '../core/errors.ts';
import { createPrng } from '../core/prng.ts';
import { createLineRecord, decodeLineRecord, HOPS, LINE_KINDS, LINE_RECORD_BYTES } from '../model/line-record.ts';
import { createLineWriter } from '../model/line-writer.ts';
import type { Load, Scenario } from '../model/scenario.ts';
import { planDueTimes } from './rate.ts';

const APP_HOP = HOPS.indexOf('app');
const READ_BYTES = LINE_RECORD_BYTES * 32_768;

/** The due lines of one app, indexed by seq. */
export interface Plan {
  /** ms since load start, ascending. */
  dueMs: Float64Array;
  /** Planned size of the whole line, 0 where the shape or the request decides. */
  bytes: Uint32Array;
  /** Which item of the scenario's `load` asked for it. */
  loadIndex: Uint16Array;
}

/** Writes the plan of a scenario. Resolves to the number of due lines of each app that owes lines. Throws when two loads would number the lines of one app twice. */
export async function writePlan({
  scenario,
  seed,
  linesDir,
}: {
  scenario: Scenario;
  seed: number;
  linesDir: string;
}): Promise<Record<string, number>> {
  const dueLines: Record<string, number> = {};
  for (const [app, loads] of loadsByApp(scenario.load)) {
    const plan = mergeLoads(loads, seed);
    const chain = loads.some(({ load }) => load.kind === 'http') ? backendChain(scenario, app) : [];
    for (const name of [app, ...chain]) {
      if (dueLines[name] !== undefined) {
        throw new HarnessError(
          'E_SCENARIO_LOAD',
          `App ${name} would get lines from two loads that do not know of each other: send all requests through the same front app, or give each front a backend of its own.`,
        );
      }
      appendPlan(join(linesDir, `${name}.bin`), plan, name === app);
      dueLines[name] = plan.dueMs.length;
    }
  }
  return dueLines;
}

/** Reads the planned lines of one app from its lines file; records of other kinds are passed over. */
export function readPlan(file: string): Plan {
  let plan: Plan = { dueMs: new Float64Array(1_024), bytes: new Uint32Array(1_024), loadIndex: new Uint16Array(1_024) };
  let count = 0;
  const record = createLineRecord();
  forEachBlock(file, (view, records) => {
    for (let index = 0; index < records; index++) {
      decodeLineRecord(view, index * LINE_RECORD_BYTES, record);
      if (record.kind !== LINE_KINDS.planned) continue;
      if (record.seq >= plan.dueMs.length) plan = resizePlan(plan, Math.max(record.seq + 1, plan.dueMs.length * 2));
      plan.dueMs[record.seq] = record.value;
      plan.bytes[record.seq] = record.bytes;
      plan.loadIndex[record.seq] = record.detail;
      count = Math.max(count, record.seq + 1);
    }
  });
  return resizePlan(plan, count);
}

type IndexedLoad = { load: Load; loadIndex: number };

function loadsByApp(loads: readonly Load[]): Map<string, IndexedLoad[]> {
  const byApp = new Map<string, IndexedLoad[]>();
  for (const [loadIndex, load] of loads.entries()) {
    const list = byApp.get(load.to) ?? [];
    list.push({ load, loadIndex });
    byApp.set(load.to, list);
  }
  return byApp;
}

function mergeLoads(loads: readonly IndexedLoad[], seed: number): Plan {
  const parts = loads.map(({ load, loadIndex }) => {
    const dueMs = planDueTimes(load);
    const random = createPrng(seed).fork(`load/${load.to}/${loadIndex}`);
    const sizes = load.sizesBytes;
    const bytes = Uint32Array.from(dueMs, () =>
      sizes.length === 0 ? 0 : sizes[random.integer({ min: 0, max: sizes.length - 1 })]!,
    );
    return { dueMs, bytes, loadIndex, next: 0 };
  });
  const total = parts.reduce((sum, part) => sum + part.dueMs.length, 0);
  const plan: Plan = {
    dueMs: new Float64Array(total),
    bytes: new Uint32Array(total),
    loadIndex: new Uint16Array(total),
  };
  for (let seq = 0; seq < total; seq++) {
    // At equal instants the earlier item of the scenario goes first.
    const part = parts.reduce((best, other) =>
      (other.dueMs[other.next] ?? Infinity) < (best.dueMs[best.next] ?? Infinity) ? other : best,
    );
    plan.dueMs[seq] = part.dueMs[part.next]!;
    plan.bytes[seq] = part.bytes[part.next]!;
    plan.loadIndex[seq] = part.loadIndex;
    part.next++;
  }
  return plan;
}

/** The apps behind `app`, nearest first; ends at an app that was already met. */
function backendChain({ topology }: Scenario, app: string): string[] {
  const chain: string[] = [];
  for (
    let next = topology.apps[app]?.backend;
    next && next !== app && !chain.includes(next);
    next = topology.apps[next]?.backend
  )
    chain.push(next);
  return chain;
}

/** Behind a proxy the size is not planned: the request decides. */
function appendPlan(path: string, plan: Plan, ownSizes: boolean): void {
  const writer = createLineWriter(path);
  for (let seq = 0; seq < plan.dueMs.length; seq++) {
    writer.append(
      LINE_KINDS.planned,
      APP_HOP,
      plan.loadIndex[seq]!,
      seq,
      0,
      plan.dueMs[seq]!,
      ownSizes ? plan.bytes[seq]! : 0,
      0,
    );
  }
  writer.close();
}

function resizePlan(plan: Plan, length: number): Plan {
  const resized: Plan = {
    dueMs: new Float64Array(length),
    bytes: new Uint32Array(length),
    loadIndex: new Uint16Array(length),
  };
  resized.dueMs.set(plan.dueMs.subarray(0, length));
  resized.bytes.set(plan.bytes.subarray(0, length));
  resized.loadIndex.set(plan.loadIndex.subarray(0, length));
  return resized;
}

function forEachBlock(file: string, visit: (view: DataView, records: number) => void): void {
  const handle = openSync(file, 'r');
  try {
    const block = Buffer.alloc(READ_BYTES);
    const view = new DataView(block.buffer, block.byteOffset, block.length);
    let kept = 0;
    for (;;) {
      const read = readSync(handle, block, kept, block.length - kept, null);
      if (read === 0) return;
      const whole = Math.floor((kept + read) / LINE_RECORD_BYTES);
      visit(view, whole);
      kept = kept + read - whole * LINE_RECORD_BYTES;
      block.copy(block, 0, whole * LINE_RECORD_BYTES, whole * LINE_RECORD_BYTES + kept);
    }
  } finally {
    closeSync(handle);
  }
}
