// One run of larsen as a user would start it, and the numbers of it that the calibration asks for: from result.json
// where a checker tells them, else from the history.

import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Event, PushData } from '../../model/event.ts';
import type { History } from '../../model/history.ts';
import { LINE_KINDS } from '../../model/line-record.ts';
import type { Result, RunResult } from '../../model/run.ts';
import { openHistory } from '../../run/recorded-history.ts';
import type { AgentInput } from '../../scenario/agent-schema.ts';
import type { ScenarioInput } from '../../scenario/schema.ts';

const BIN = fileURLToPath(new URL('../../cli/bin.mjs', import.meta.url));
/** The one app of all calibration runs. */
export const APP = 'video';

/** A push that the recording hop saw, with its instant in seconds since load start. */
export type SeenPush = PushData & { atSeconds: number };

/** A finished run. */
export interface ObservedRun {
  run: RunResult;
  history: History;
  loadStartNs: number;
  /** Pushes after load start, by their beginning. */
  pushes: SeenPush[];
}

/** Runs a scenario with an agent, both given inline, in a folder of its own. Throws when larsen could not run it. */
export async function observeRun(
  folder: string,
  name: string,
  { scenario, agent }: { scenario: ScenarioInput; agent: AgentInput },
): Promise<ObservedRun> {
  const own = join(folder, name);
  mkdirSync(own);
  // JSON is YAML.
  writeFileSync(join(own, 'scenario.yaml'), JSON.stringify(scenario));
  writeFileSync(join(own, 'agent.yaml'), JSON.stringify(agent));
  await runLarsen(own);
  const result = JSON.parse(readFileSync(join(own, 'out/result.json'), 'utf8')) as Result;
  const run = result.runs[0]!;
  const history = await openHistory(join(own, 'out', run.folder));
  return { run, history, ...(await readControl(history)) };
}

/** Raw bytes the driver's shim read from the app from the first fault until `untilSeconds`. */
export async function bytesThroughShim({ history, loadStartNs }: ObservedRun, untilSeconds: number): Promise<number> {
  const untilNs = loadStartNs + untilSeconds * 1e9;
  let readBytes = 0;
  for await (const { kind, app, atNs, bytes = 0 } of history.control()) {
    if (kind === 'driver-read' && app === APP && atNs > loadStartNs && atNs < untilNs) readBytes += bytes;
  }
  // Until the fault the shim had read whatever was written.
  return readBytes - (await writtenBytes({ history }, await firstFaultNs({ history })));
}

/** Lines the app had written when the first fault was injected. */
export async function linesBeforeFault({ history }: ObservedRun): Promise<number> {
  const untilNs = await firstFaultNs({ history });
  let lines = 0;
  await history.lines(APP, ({ kind, atNs, value }) => {
    if (kind === LINE_KINDS.written && value > 0 && atNs < untilNs) lines++;
  });
  return lines;
}

/**
 * How far behind its plan the machine had let the app fall at either of two instants, whichever is more: an app that is
 * late at the fault catches up in a burst and stands still sooner.
 */
export async function latenessSeconds(
  { history, loadStartNs }: ObservedRun,
  { fromSeconds, toSeconds }: { fromSeconds: number; toSeconds: number },
): Promise<number> {
  const dueSeconds = new Map<number, number>();
  let atFrom = 0;
  let atTo = 0;
  await history.lines(APP, ({ kind, seq, atNs, value }) => {
    if (kind === LINE_KINDS.planned) dueSeconds.set(seq, value / 1e3);
    if (kind !== LINE_KINDS.written) return;
    const begunSeconds = (atNs - loadStartNs) / 1e9;
    const late = begunSeconds - (dueSeconds.get(seq) ?? begunSeconds);
    if (begunSeconds <= fromSeconds) atFrom = late;
    if (begunSeconds <= toSeconds) atTo = late;
  });
  return Math.max(atFrom, atTo);
}

async function firstFaultNs({ history }: Pick<ObservedRun, 'history'>): Promise<number> {
  for await (const { kind, atNs } of history.control()) if (kind === 'fault-injected') return atNs;
  throw new Error('No fault was injected');
}

/** Raw bytes the app wrote, newlines included, in writes begun before `untilNs` (default: all). */
export async function writtenBytes(
  { history }: Pick<ObservedRun, 'history'>,
  untilNs = Number.POSITIVE_INFINITY,
): Promise<number> {
  let total = 0;
  await history.lines(APP, ({ kind, atNs, value, bytes }) => {
    const isWrite = kind === LINE_KINDS.written || kind === LINE_KINDS.anonymous;
    if (isWrite && value > 0 && atNs < untilNs) total += bytes + 1;
  });
  return total;
}

/** Which lines of the app are stored, and which were in a push that was refused; by seq. */
export async function readFates({ history }: ObservedRun): Promise<{ stored: Set<number>; refused: Set<number> }> {
  const stored = new Set<number>();
  const refused = new Set<number>();
  await history.lines(APP, ({ kind, seq, detail, bytes }) => {
    if (kind === LINE_KINDS.stored) stored.add(seq);
    else if (kind === LINE_KINDS.pushed && detail >= 500 && bytes === 1) refused.add(seq);
  });
  return { stored, refused };
}

/** The size of the protobuf message that a refusal tells; NaN when it tells none. */
export function refusedProtobufBytes({ refusal = '' }: PushData): number {
  return Number(/larger than max \((\d+) vs/.exec(refusal)?.[1] ?? Number.NaN);
}

function runLarsen(folder: string): Promise<void> {
  const args = ['run', join(folder, 'scenario.yaml'), '--agent', join(folder, 'agent.yaml')];
  const child = spawn(process.execPath, [BIN, ...args, '--seed', '1', '--out', join(folder, 'out'), '--quiet'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, CI: '' },
  });
  let told = '';
  child.stderr.on('data', (text: Buffer) => {
    told = (told + text.toString()).slice(-4_000);
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) =>
      // Valid, invalid or unknown: it ran.
      code !== null && code <= 2 ? resolve() : reject(new Error(`larsen ended with ${code}: ${told}`)),
    );
  });
}

async function readControl(history: History): Promise<Pick<ObservedRun, 'loadStartNs' | 'pushes'>> {
  const events: Event[] = [];
  let loadStartNs = 0;
  for await (const event of history.control()) {
    if (event.kind === 'phase' && event.data?.phase === 'load') loadStartNs = event.data.loadStartNs as number;
    if (event.kind === 'push') events.push(event);
  }
  const pushes = events
    .map(({ data }) => data as unknown as PushData)
    .filter(({ startedNs }) => startedNs >= loadStartNs)
    .map((push) => ({ ...push, atSeconds: (push.answeredNs - loadStartNs) / 1e9 }));
  return { loadStartNs, pushes: pushes.sort((a, b) => a.startedNs - b.startedNs) };
}
