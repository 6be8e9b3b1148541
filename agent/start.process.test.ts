// The built program as it is installed: one file, with what it needs from packages inside.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'larsen-agent-'));
const program = join(folder, 'larsen-agent.mjs');
const config = join(folder, 'agent.yaml');
copyFileSync(fileURLToPath(new URL('../dist/agent/main.js', import.meta.url)), program);
writeFileSync(
  config,
  'inputs: [ { type: forward, url: "unix:///run/a.sock" } ]\noutputs: [ { type: loki, url: "http://loki:3100" } ]\n',
);
afterAll(() => rmSync(folder, { recursive: true }));

function run(args: string[]): { text: string; ms: number } {
  const startedMs = performance.now();
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  return { text: stdout + stderr, ms: performance.now() - startedMs };
}

test('the program is one file that needs no node_modules', () => {
  expect(run([program, 'check', '--config', config]).text).toBe(`${config} is valid\n`);
});

test('it is ready in less than four times what bare Node takes: with each module in a file of its own it was five', () => {
  const rounds = Array.from({ length: 7 }, () => ({
    bare: run(['-e', '0']).ms,
    agent: run([program, 'check', '--config', config]).ms,
  }));
  const best = (key: 'bare' | 'agent'): number => Math.min(...rounds.map((round) => round[key]));
  expect(best('agent') / best('bare')).toBeLessThan(4);
});
