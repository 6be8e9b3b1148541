// Before load: proves that a line gets from each app's stdout to the sink, and learns how the agent wraps it.
// Canaries go down the very pipes that the apps will write to.

import { HarnessError } from '../core/errors.ts';
import { sleep } from '../core/real-clock.ts';
import { type Canary, createCanaries, learnWrapper } from '../ledger/wrapper.ts';
import type { LineWrapper } from '../model/agent.ts';
import type { EngineWorld } from '../model/engine.ts';
import { createLineIdScanner } from '../model/line-id.ts';
import type { SinkEntry } from '../model/parts.ts';
import type { RunPlan } from '../model/run.ts';

const POLL_MS = 50;
/** When every app has been heard of, the rest of the canaries get this long: some agents never deliver some of them. */
const STRAGGLER_MS = 1_500;

/** Sends canaries and waits for them. Throws E_PREFLIGHT when nothing of an app arrives within `limits.preflight`, or the agent ends. */
export async function preflight({
  plan,
  world,
  signal,
}: {
  plan: RunPlan;
  world: EngineWorld;
  signal: AbortSignal;
}): Promise<LineWrapper> {
  const apps = Object.keys(plan.scenario.topology.apps);
  const canaries = new Map(apps.map((app) => [app, createCanaries({ run: plan.runName, app })]));
  await world.sendCanaries(
    Object.fromEntries([...canaries].map(([app, list]) => [app, list.map(({ bytes }) => bytes)])),
  );
  if (!(await canBeHeard(world))) return { kind: 'unlearnable' };
  await waitForCanaries({ plan, world, signal, canaries });
  const wrapper =
    plan.agent.line.kind === 'auto'
      ? learnWrapper({ canaries: [...canaries.values()].flat(), entries: await readEntries(world) })
      : plan.agent.line;
  await world.tellWrapper(wrapper);
  return wrapper;
}

/** A sink of another protocol than http that cannot be read back tells nothing: parity will be unknown. */
async function canBeHeard(world: EngineWorld): Promise<boolean> {
  return (await world.heardCanaries()) !== null || world.readBack(readBackWindow()) !== null;
}

async function waitForCanaries({
  plan,
  world,
  signal,
  canaries,
}: {
  plan: RunPlan;
  world: EngineWorld;
  signal: AbortSignal;
  canaries: Map<string, Canary[]>;
}): Promise<void> {
  const startMs = performance.now();
  const total = [...canaries.values()].flat().length;
  let allHeardMs: number | null = null;
  for (;;) {
    const seen = (await world.heardCanaries()) ?? (await listedCanaries(world, plan));
    const silent = [...canaries.keys()].filter((app) => ![...seen].some((key) => key.startsWith(`${app}/`)));
    const elapsedMs = performance.now() - startMs;
    if (silent.length === 0) allHeardMs ??= elapsedMs;
    if (seen.size >= total || (allHeardMs !== null && elapsedMs - allHeardMs > STRAGGLER_MS)) return;
    if (plan.agent.agent !== 'none' && world.world.agent.pid() === null) throw createEndedError(plan);
    if (elapsedMs > plan.scenario.limits.preflightMs) throw createPreflightError(plan, silent);
    await sleep(POLL_MS, signal);
  }
}

/** Without a recording hop the sink itself is asked. A sink that cannot be read back cannot be waited for. */
async function listedCanaries(world: EngineWorld, plan: RunPlan): Promise<Set<string>> {
  const apps = Object.keys(plan.scenario.topology.apps);
  const scanner = createLineIdScanner(plan.runName, apps);
  const seen = new Set<string>();
  for (const { line } of await readEntries(world)) {
    scanner.scan(Buffer.from(line as Uint8Array), ({ appIndex, seq, canary }) => {
      if (canary && appIndex >= 0) seen.add(`${apps[appIndex]}/${seq}`);
    });
  }
  return seen;
}

/** Of this hour or, where an agent with a wrong clock has put them elsewhere, of the month. */
async function readEntries(world: EngineWorld): Promise<SinkEntry[]> {
  const near = await listEntries(world, readBackWindow());
  return near.length > 0 ? near : listEntries(world, wideWindow());
}

async function listEntries(world: EngineWorld, window: ReadBackWindow): Promise<SinkEntry[]> {
  const entries: SinkEntry[] = [];
  const reading = world.readBack(window);
  if (reading) for await (const entry of reading) entries.push(entry);
  return entries;
}

const HOUR_NS = 3_600_000_000_000n;
const DAY_NS = 24n * HOUR_NS;

interface ReadBackWindow {
  fromNs: bigint;
  toNs: bigint;
}

/** The run ± 1 h: agents with a wrong zone or whole seconds must not hide what they delivered. */
export function readBackWindow(): ReadBackWindow {
  const nowNs = BigInt(Date.now()) * 1_000_000n;
  return { fromNs: nowNs - HOUR_NS, toNs: nowNs + HOUR_NS };
}

/**
 * Four weeks before that and a day after, within Loki's `max_query_length` of 30 days and an hour: times far off (a
 * wrong zone, a clock that is days off) are outside of the run's hour.
 */
export function wideWindow(): ReadBackWindow {
  const { fromNs, toNs } = readBackWindow();
  return { fromNs: fromNs - 28n * DAY_NS, toNs: toNs + DAY_NS };
}

function createEndedError({ agent }: RunPlan): HarnessError {
  return new HarnessError(
    'E_PREFLIGHT',
    `Preflight: agent ${agent.name} ended by itself after the first lines, before any load; what it printed is in logs/ of the run folder`,
  );
}

function createPreflightError({ agent, scenario }: RunPlan, silent: string[]): HarnessError {
  const which = silent.length === 1 ? `app ${silent[0]}` : `apps ${silent.join(', ')}`;
  return new HarnessError(
    'E_PREFLIGHT',
    `Preflight: no line of ${which} got through ${agent.name} to the sink within ${scenario.limits.preflightMs / 1_000} s, so nothing can be said about load. Look at logs/ in the run folder; an agent that flushes seldom needs a longer \`limits.preflight\``,
  );
}
