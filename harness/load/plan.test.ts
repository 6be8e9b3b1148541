import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { HOPS, LINE_KINDS } from '../model/line-record.ts';
import { createLineWriter } from '../model/line-writer.ts';
import type { AppSpec, Load, Scenario } from '../model/scenario.ts';
import { readPlan, writePlan } from './plan.ts';

let linesDir: string;
beforeEach(() => {
  linesDir = mkdtempSync(join(tmpdir(), 'larsen-plan-'));
});
afterEach(() => rmSync(linesDir, { recursive: true, force: true }));

function scenarioOf(load: Load[], backends: Record<string, string | null>): Scenario {
  const app = (name: string): AppSpec => ({
    name,
    type: 'emitter',
    backend: backends[name] ?? null,
    shape: 'plain',
    writes: 'blocking',
    with: {},
  });
  const apps = Object.fromEntries(Object.keys(backends).map((name) => [name, app(name)]));
  return { topology: { apps }, load } as unknown as Scenario;
}

const loadOf = (changes: Partial<Load>): Load => ({
  to: 'quiet',
  kind: 'lines',
  path: '/',
  untilMs: 10_000,
  rate: [{ atMs: 0, perSecond: 10, ramp: 'none' }],
  sizesBytes: [],
  ...changes,
});
const fileOf = (app: string): string => join(linesDir, `${app}.bin`);

test('several loads of one app are merged in time and numbered in due order', async () => {
  const loads = [
    loadOf({ sizesBytes: [100, 16_384] }),
    loadOf({ untilMs: 5_000, rate: [{ atMs: 0, perSecond: 7, ramp: 'none' }], sizesBytes: [50] }),
  ];
  expect(await writePlan({ scenario: scenarioOf(loads, { quiet: null }), seed: 1, linesDir })).toEqual({ quiet: 135 });
  const plan = readPlan(fileOf('quiet'));
  expect(plan.dueMs.length).toBe(135);
  expect([...plan.dueMs]).toEqual([...plan.dueMs].sort((a, b) => a - b));
  expect(plan.loadIndex.filter((index) => index === 1).length).toBe(35);
  for (let seq = 0; seq < 135; seq++)
    expect(plan.loadIndex[seq] === 1 ? [50] : [100, 16_384]).toContain(plan.bytes[seq]);
  expect(new Set(plan.bytes)).toEqual(new Set([50, 100, 16_384]));
});

test('a request to the front makes the same line due on every app behind it', async () => {
  const scenario = scenarioOf([loadOf({ to: 'web', kind: 'http' })], {
    web: 'media',
    media: 'store',
    store: null,
    quiet: null,
  });
  expect(await writePlan({ scenario, seed: 1, linesDir })).toEqual({ web: 100, media: 100, store: 100 });
  expect(readPlan(fileOf('media'))).toEqual(readPlan(fileOf('web')));
  expect(readPlan(fileOf('store')).dueMs).toEqual(readPlan(fileOf('web')).dueMs);
});

test('two fronts on one backend are refused, since its lines would be numbered twice', async () => {
  const loads = [loadOf({ to: 'web', kind: 'http' }), loadOf({ to: 'api', kind: 'http' })];
  const scenario = scenarioOf(loads, { web: 'media', api: 'media', media: null });
  await expect(writePlan({ scenario, seed: 1, linesDir })).rejects.toMatchObject({
    code: 'E_SCENARIO_LOAD',
    message: expect.stringContaining('App media'),
  });
});

test('the same seed gives the same file, another seed other sizes', async () => {
  const scenario = scenarioOf([loadOf({ sizesBytes: [1, 2, 3, 4, 5, 6, 7, 8] })], { quiet: null });
  const fileFor = async (seed: number): Promise<Buffer> => {
    rmSync(fileOf('quiet'), { force: true });
    await writePlan({ scenario, seed, linesDir });
    return readFileSync(fileOf('quiet'));
  };
  const first = await fileFor(1);
  expect((await fileFor(1)).equals(first)).toBe(true);
  expect((await fileFor(2)).equals(first)).toBe(false);
});

test('records of other witnesses in the same file are passed over, however many there are', () => {
  const writer = createLineWriter(fileOf('quiet'));
  for (let seq = 0; seq < 70_000; seq++) {
    writer.append(LINE_KINDS.planned, HOPS.indexOf('app'), 3, seq, 0, seq / 2, seq % 1_000, 0);
    writer.append(LINE_KINDS.written, HOPS.indexOf('app'), 0, seq, 1, 2, 3, 4);
  }
  writer.close();
  const plan = readPlan(fileOf('quiet'));
  expect(plan.dueMs.length).toBe(70_000);
  expect(plan.dueMs.every((due, seq) => due === seq / 2)).toBe(true);
  expect(plan.bytes.every((bytes, seq) => bytes === seq % 1_000)).toBe(true);
  expect(plan.loadIndex[69_999]).toBe(3);
});
