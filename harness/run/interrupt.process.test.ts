// What happens when a run is cut short: Ctrl-C writes what there is; a second one ends at once; kill -9 of larsen
// leaves nothing running for longer than a few seconds, and nothing in the temporary folder.

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { PACKAGE_DIR } from '../engine/package-dir.ts';
import type { Result } from '../model/run.ts';
import { livingIn } from '../testing/living-in.ts';
import { until } from '../testing/until.ts';

const SCENARIO = `
title: A minute of a few lines
severity: minor
topology: { apps: { quiet: { type: emitter } } }
load: [{ to: quiet, kind: lines, until: 60s, rate: [{ at: 0s, perSecond: 100 }] }]
`;
/** Load ends after a second, its fault much later. */
const HEALING = `${SCENARIO.replace('60s', '1s')}faults: [{ at: 500ms, for: 60s, fault: sink-down }]
`;
/** Enough lines that judging and reporting take their time. */
const MANY = SCENARIO.replace('60s', '2s').replace('perSecond: 100', 'perSecond: 10000');

let folders: string[] = [];
afterEach(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  folders = [];
});

/** larsen at work in a folder of its own, with a temporary folder of its own, so that what it leaves can be seen. */
interface Run {
  folder: string;
  child: ChildProcess;
  output(): string;
  exited: Promise<number | null>;
  temp: string;
}

function start(scenario = SCENARIO): Run {
  const folder = mkdtempSync(join(tmpdir(), 'interrupt-'));
  folders.push(folder);
  writeFileSync(join(folder, 'scenario.yaml'), scenario);
  writeFileSync(join(folder, 'larsen.config.yaml'), '{}\n');
  const temp = join(folder, 't');
  mkdirSync(temp);
  const child = spawn(
    process.execPath,
    [join(PACKAGE_DIR, 'harness/cli/bin.mjs'), 'run', 'scenario.yaml', '--out', 'out'],
    {
      cwd: folder,
      env: { ...process.env, TMPDIR: temp, CI: 'true' },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let text = '';
  child.stdout?.on('data', (chunk) => (text += chunk));
  child.stderr?.on('data', (chunk) => (text += chunk));
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return { folder, child, output: () => text, exited, temp };
}

function leftFolders({ temp }: Run): string[] {
  return readdirSync(temp).filter((name) => name.startsWith('larsen-'));
}

test('Ctrl-C cleans up, writes what there is and ends as unknown with the reason', async () => {
  const run = start();
  await until('load', () => /\bload\b/.test(run.output()) && /due/.test(run.output()));
  run.child.kill('SIGINT');
  expect(await run.exited).toBe(2);
  const result = JSON.parse(readFileSync(join(run.folder, 'out/result.json'), 'utf8')) as Result;
  expect(result.verdict).toBe('unknown');
  expect(result.runs[0]?.reasons).toContain('interrupted');
  expect(result.runs[0]?.ledger.total.writtenLines).toBeGreaterThan(0);
  await until('nothing is left', () => livingIn(run.folder).length === 0, 5_000);
  expect(leftFolders(run)).toEqual([]);
});

test('a second Ctrl-C ends at once with 255 and leaves nothing behind', async () => {
  const run = start();
  await until('load', () => /due/.test(run.output()));
  run.child.kill('SIGINT');
  await until('the first was heard', () => /Interrupted/.test(run.output()));
  run.child.kill('SIGINT');
  expect(await run.exited).toBe(255);
  await until('nothing is left', () => livingIn(run.folder).length === 0, 5_000);
});

const says = (word: string) => (run: Run) => run.output().includes(word);
const wrote = (file: string) => (run: Run) => {
  const [only] = existsSync(join(run.folder, 'out')) ? readdirSync(join(run.folder, 'out')) : [];
  return only !== undefined && existsSync(join(run.folder, 'out', only, file));
};
const SHORT = SCENARIO.replace('60s', '1s');

const KILLED: [string, string, (run: Run) => boolean][] = [
  ['while it prepares', SCENARIO, says('prepare')],
  ['in preflight', SCENARIO, says('preflight')],
  ['under load', SCENARIO, says('due')],
  ['while it heals', HEALING, says('heal')],
  ['in drain', SHORT, says('drain')],
  ['while it stops', SHORT, says('stop\n')],
  ['while it reads back', MANY, says('read-back')],
  ['while it judges', MANY, says('judge')],
  ['while it reports', MANY, wrote('ledger.jsonl')],
];

// At the same time, as far as two cores allow: each has a folder of its own, and nothing is measured.
test.each([0, 3, 6])(
  'kill -9 of larsen in any phase leaves no process for 5 s and no folder (%d and on)',
  async (from) => {
    await Promise.all(
      KILLED.slice(from, from + 3).map(async ([when, scenario, isThere]) => {
        const run = start(scenario);
        await until(when, () => isThere(run) || run.child.exitCode !== null);
        run.child.kill('SIGKILL');
        await run.exited;
        // One that had ended by itself would have proven nothing.
        expect(run.child.signalCode, when).toBe('SIGKILL');
        await until(`nothing is left of one killed ${when}`, () => livingIn(run.folder).length === 0, 5_000);
        await until(`no folder is left of one killed ${when}`, () => leftFolders(run).length === 0, 5_000);
        expect(existsSync(join(run.folder, 'out'))).toBe(true);
      }),
    );
  },
);
