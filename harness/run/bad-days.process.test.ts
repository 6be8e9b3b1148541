// Bad days of the machine: a temporary folder with a path too long for sockets, a full disk under the results, a path or a
// port that is taken, two runs side by side, and larsen killed together with its own reaper.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PACKAGE_DIR } from '../engine/package-dir.ts';
import { livingIn } from '../testing/living-in.ts';
import { createWorkplace, type Outcome, type Workplace } from '../testing/outside/workplace.ts';
import { until } from '../testing/until.ts';

const HEALTHY = join(PACKAGE_DIR, 'scenarios/agents/healthy/agent.yaml');

/** A second of lines; `perSecond` many. */
function scenario(perSecond: number, until = '1s'): string {
  return `title: A short load
severity: minor
topology: { apps: { quiet: { type: emitter } } }
load: [{ to: quiet, kind: lines, until: ${until}, rate: [{ at: 0s, perSecond: ${perSecond} }] }]
`;
}

let place: Workplace;
let cleaners: (() => void)[];
beforeEach(() => {
  place = createWorkplace();
  cleaners = [];
  place.write('larsen.config.yaml', '{}\n');
  place.write('short.yaml', scenario(200));
});
afterEach(() => {
  for (const clean of cleaners.reverse()) clean();
  place[Symbol.dispose]();
});

const run = (out: string, name = 'short.yaml'): Promise<Outcome> =>
  place.larsen(['run', name, '--agent', HEALTHY, '--seed', '7', '--retry-unknown', '2'], out);

/** Sets a variable of the environment for the rest of the test. */
function setEnv(name: string, value: string): void {
  const before = process.env[name];
  process.env[name] = value;
  cleaners.push(() => {
    if (before === undefined) delete process.env[name];
    else process.env[name] = before;
  });
}

test('a temporary folder whose path is too long for a socket is not used', async () => {
  const long = join(place.path, 'd'.repeat(100));
  mkdirSync(long);
  setEnv('TMPDIR', long);
  const outcome = await run('out');
  expect(outcome.exitCode, outcome.stderr + outcome.stdout).toBe(0);
  expect(readdirSync(long)).toEqual([]);
});

test('two runs side by side of one scenario and seed never meet', async () => {
  const outcomes = await Promise.all([run('one'), run('two')]);
  for (const outcome of outcomes) {
    expect(outcome.exitCode, outcome.stderr + outcome.stdout).toBe(0);
    expect(outcome.run().ledger.total).toMatchObject({ dueLines: 200, storedLines: 200, phantomLines: 0 });
  }
});

test('a path that is taken is told, and what stands there stays as it is', async () => {
  place.write('taken', 'mine\n');
  const onFile = await run('taken');
  expect(onFile.exitCode, onFile.stderr).toBe(254);
  expect(onFile.stderr).toMatch(/The folder for results, .*taken, cannot be made: choose another with `--out`/);
  expect(place.read('taken')).toBe('mine\n');

  const lines = join(place.path, 'used/short--healthy/lines');
  mkdirSync(lines, { recursive: true });
  place.write('used/short--healthy/lines/quiet.bin', 'of an earlier run');
  const onRun = await run('used');
  expect(onRun.exitCode, onRun.stderr).toBe(254);
  expect(onRun.stderr).toMatch(/There is a run in .*used.* already: choose another `--out`/);
  expect(readdirSync(lines)).toEqual(['quiet.bin']);
});

test('an agent whose port is taken leaves the run unknown, with its own words kept', async () => {
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  cleaners.push(() => holder.close());
  const { port } = holder.address() as AddressInfo;
  place.write('late.mjs', `import { createServer } from 'node:net';\ncreateServer().listen(${port}, '127.0.0.1');\n`);
  place.write('late.yaml', 'agent: custom\nprocess: { command: [node, late.mjs] }\ndriver: { address: tcp }\n');
  const {
    exitCode,
    run: only,
    inRun,
  } = await place.larsen(['run', 'short.yaml', '--agent', './late.yaml', '--seed', '7'], 'port');
  expect(exitCode).toBe(2);
  expect(only().reasons.join()).toMatch(/Agent late ended before it listened on tcp:\/\/127\.0\.0\.1:\d+/);
  const log = readdirSync(inRun('logs')).map((name) => readFileSync(join(inRun('logs'), name), 'utf8'));
  expect(log.join()).toContain(`EADDRINUSE: address already in use 127.0.0.1:${port}`);
});

const canMount = process.platform === 'linux' && process.getuid?.() === 0;

test.skipIf(!canMount)('a full disk under the results is told, by its folder and what to do', async () => {
  const disk = join(place.path, 'disk');
  mkdirSync(disk);
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=600k', 'tmpfs', disk]);
  if (mounted.status !== 0) return void expect(String(mounted.stderr)).toMatch(/permission|denied|not permitted/i);
  cleaners.push(() => spawnSync('umount', ['-l', disk]));
  place.write('many.yaml', scenario(9_000));
  const { exitCode, stderr } = await run('disk/out', 'many.yaml');
  expect(exitCode, stderr).toBe(254);
  expect(stderr).toMatch(/Results could not be written to .*disk\/out: the disk is full.*--out/s);
  expect(stderr).not.toContain('defect of larsen');
});

test('what is left when larsen and its reaper are killed together, the next start ends and removes', async () => {
  const temp = join(place.path, 't');
  mkdirSync(temp);
  setEnv('TMPDIR', temp);
  place.write('minute.yaml', scenario(100, '60s'));
  const killed = spawn(
    process.execPath,
    [join(PACKAGE_DIR, 'harness/cli/bin.mjs'), 'run', 'minute.yaml', '--agent', HEALTHY, '--out', 'killed'],
    { cwd: place.path, stdio: ['ignore', 'pipe', 'ignore'] },
  );
  let text = '';
  killed.stdout.on('data', (part) => {
    text += part;
  });
  await until('load', () => /due/.test(text));
  // The reaper first: it is the one that would clean up behind the other.
  for (const { pid } of livingIn(place.path).filter(({ command }) => /reaper/.test(command)))
    process.kill(pid, 'SIGKILL');
  killed.kill('SIGKILL');
  await until('it is gone', () => killed.signalCode !== null);
  expect(readdirSync(temp)).toHaveLength(1);

  expect((await run('out')).exitCode).toBe(0);
  await until('nothing is left', () => livingIn(place.path).length === 0);
  expect(readdirSync(temp)).toEqual([]);
});
