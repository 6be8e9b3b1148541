// Which checkers have a say in the verdict of a run: those that the scenario names, but for one whose subject the run lacks.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { writeSyntheticRun } from '../../bench/judge-run-folder.ts';
import { loadRegistry } from '../engine/built-ins.ts';
import { judgeRun } from './judge-run.ts';

const folder = mkdtempSync(join(tmpdir(), 'judge-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
writeSyntheticRun(folder, 400);
const file = join(folder, 'run.json');
const text = readFileSync(file, 'utf8');
const registry = await loadRegistry([]);

async function judgeWith(health: string | null, only: string[] = []) {
  const record = JSON.parse(text);
  record.plan.scenario.expect['dead-but-green'] = {};
  record.plan.agent.health = health;
  writeFileSync(file, JSON.stringify(record));
  return (await judgeRun(folder, registry, only)).result;
}

it('goes without dead-but-green where the agent has no health page, and says so', async () => {
  const before = (await judgeRun(folder, registry)).result;
  const { verdict, checks, reasons } = await judgeWith(null);
  expect(verdict).toBe(before.verdict);
  expect(Object.keys(checks)).toEqual(Object.keys(before.checks));
  expect(reasons).toContainEqual(expect.stringMatching(/dead-but-green is not judged/));
});

it('is unknown where nothing else was to be judged, or where the page was there and nobody asked it', async () => {
  expect(await judgeWith(null, ['dead-but-green'])).toMatchObject({ verdict: 'unknown', checks: {} });
  expect(await judgeWith('http://127.0.0.1:1/')).toMatchObject({
    verdict: 'unknown',
    checks: { 'dead-but-green': { verdict: 'unknown' } },
  });
});
