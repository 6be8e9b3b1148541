// What happens when a run is cut short: Ctrl-C writes what there is; a second one ends at once; kill -9 of larsen
// leaves nothing running for longer than a few seconds, and nothing in the temporary folder.

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PACKAGE_DIR } from '../engine/package-dir.ts';
import type { Result } from '../model/run.ts';

const SCENARIO = `
title: A minute of a few lines
severity: minor
topology: { apps: { quiet: { type: emitter } } }
load: [{ to: quiet, kind: lines, until: 60s, rate: [{ at: 0s, perSecond: 100 }] }]
`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'interrupt-'));
  writeFileSync(join(folder, 'minute.yaml'), SCENARIO);
  writeFileSync(join(folder, 'second.yaml'), SCENARIO.replace('60s', '1s'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Starts larsen with a temporary folder of its own, so that what it leaves there can be seen. */
function start(scenario = 'minute.yaml'): {
  child: ChildProcess;
  output: () => string;
  exited: Promise<number | null>;
  temp: string;
} {
  const temp = join(folder, 't');
  writeFileSync(join(folder, 'larsen.config.yaml'), '{}\n');
  const child = spawn(process.execPath, [join(PACKAGE_DIR, 'harness/cli/bin.mjs'), 'run', scenario, '--out', 'out'], {
    cwd: folder,
    env: { ...process.env, TMPDIR: mkdtempSync(`${temp}-`), CI: 'true' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  child.stdout?.on('data', (chunk) => (text += chunk));
  child.stderr?.on('data', (chunk) => (text += chunk));
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return {
    child,
    output: () => text,
    exited,
    temp: readdirSync(folder)
      .map((name) => join(folder, name))
      .find((name) => name.startsWith(`${temp}-`))!,
  };
}

async function until(what: string, condition: () => boolean, withinMs = 30_000): Promise<void> {
  for (const deadline = Date.now() + withinMs; !condition(); ) {
    if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Live processes whose command line or environment belongs to this test's folder. */
function survivors(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => readProc(pid, 'environ').includes(folder) && !readProc(pid, 'stat').includes(') Z '))
    .map((pid) => readProc(pid, 'cmdline').replaceAll('\0', ' '));
}

function readProc(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return '';
  }
}

test('Ctrl-C cleans up, writes what there is and ends as unknown with the reason', async () => {
  const run = start();
  await until('load', () => /\bload\b/.test(run.output()) && /due/.test(run.output()));
  run.child.kill('SIGINT');
  expect(await run.exited).toBe(2);
  const result = JSON.parse(readFileSync(join(folder, 'out/result.json'), 'utf8')) as Result;
  expect(result.verdict).toBe('unknown');
  expect(result.runs[0]?.reasons).toContain('interrupted');
  expect(result.runs[0]?.ledger.total.writtenLines).toBeGreaterThan(0);
  await until('nothing is left', () => survivors().length === 0, 5_000);
  expect(readdirSync(run.temp).filter((name) => name.startsWith('larsen-'))).toEqual([]);
});

test('a second Ctrl-C ends at once with 255 and leaves nothing behind', async () => {
  const run = start();
  await until('load', () => /due/.test(run.output()));
  run.child.kill('SIGINT');
  await until('the first was heard', () => /Interrupted/.test(run.output()));
  run.child.kill('SIGINT');
  expect(await run.exited).toBe(255);
  await until('nothing is left', () => survivors().length === 0, 5_000);
});

test.each([
  ['while it prepares', 'prepare', 'minute.yaml'],
  ['in preflight', 'preflight', 'minute.yaml'],
  ['under load', 'due', 'minute.yaml'],
  ['in drain', 'drain', 'second.yaml'],
  ['while it stops', 'stop\n', 'second.yaml'],
  ['while it reads back', 'read-back', 'second.yaml'],
])('kill -9 of larsen %s leaves no process for 5 s and no folder', async (_, word, scenario) => {
  const run = start(scenario);
  await until(word, () => run.output().includes(word));
  run.child.kill('SIGKILL');
  await run.exited;
  await until('nothing is left', () => survivors().length === 0, 5_000);
  await until(
    'no folder is left',
    () => readdirSync(run.temp).filter((name) => name.startsWith('larsen-')).length === 0,
    5_000,
  );
  expect(existsSync(join(folder, 'out'))).toBe(true);
});
