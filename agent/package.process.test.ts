// The agent as a package of its own: packed by npm, installed into an empty folder, and started there.

import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'larsen-package-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('it needs nothing else: it checks a config, starts, and ends', async () => {
  const run = (command: string, args: string[], cwd: string): string =>
    execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  const made = run(process.execPath, [join(root, '.ci/pack-agent.mjs')], root).trim();
  const [{ filename, files }] = JSON.parse(run('npm', ['pack', '--json', '--pack-destination', folder], made));
  expect(files.map(({ path }: { path: string }) => path).sort()).toEqual([
    ...['LICENSE', 'README.md', 'larsen-agent.mjs', 'main.js', 'main.licences.txt', 'package.json'],
    ...['program.cjs', 'program.cjs.cache', 'schema/agent-config.schema.json'],
  ]);
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  const flags = ['--offline', '--omit=optional', '--ignore-scripts', '--no-audit', '--no-fund'];
  run('npm', ['install', ...flags, `./${filename}`], folder);
  expect(JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')).packages).toHaveProperty([
    'node_modules/larsen-agent',
  ]);
  const program = join(folder, 'node_modules/.bin/larsen-agent');
  const config = join(folder, 'agent.yaml');
  writeFileSync(
    config,
    `inputs: [ { type: forward, url: "unix://${folder}/agent.sock" } ]\noutputs: [ { type: loki, url: "http://127.0.0.1:9" } ]\n`,
  );
  expect(run(program, ['check', '--config', config], folder)).toContain('is valid');
  const child = spawn(program, ['--config', config], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (bytes: Buffer) => {
    const hadStarted = said.includes('I_STARTED');
    said += bytes.toString();
    if (!hadStarted && said.includes('I_STARTED')) child.kill('SIGTERM');
  });
  expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(0);
  expect(said).toContain('I_STOPPED');
}, 60_000);
