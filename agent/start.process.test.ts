// The built program as it is installed: in one file with what it needs from packages, its compiled code, and what starts it.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'larsen-agent-'));
const program = join(folder, 'larsen-agent.mjs');
const cache = join(folder, 'program.cjs.cache');
const config = join(folder, 'agent.yaml');
for (const [from, to] of [
  ['main.js', program],
  ['program.cjs', join(folder, 'program.cjs')],
  ['program.cjs.cache', cache],
] as const)
  copyFileSync(fileURLToPath(new URL(`../dist/agent/${from}`, import.meta.url)), to);
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

test('the program needs no node_modules', () => {
  expect(run([program, 'check', '--config', config]).text).toBe(`${config} is valid\n`);
});

test.each<[string, (made: Buffer) => Buffer, string[]?]>([
  ['cut', (made) => made.subarray(0, made.length / 2)],
  ['empty', () => Buffer.alloc(0)],
  ['full of zeros behind its head', (made) => Buffer.from(made).fill(0, 200)],
  ['made under other flags of V8', (made) => made, ['--no-opt']],
])('it starts with a code cache that is %s', (_, change, flags = []) => {
  const made = readFileSync(cache);
  writeFileSync(cache, change(made));
  try {
    expect(run([...flags, program, 'check', '--config', config]).text).toBe(`${config} is valid\n`);
  } finally {
    writeFileSync(cache, made);
  }
});

test('the code cache of the build is taken, and not under other flags', () => {
  const module = new URL('../dist/agent/code-cache.js', import.meta.url).href;
  const ask = `import { compileProgram } from '${module}';
    console.log(compileProgram('${join(folder, 'program.cjs')}').cachedDataRejected)`;
  expect(run(['--input-type=module', '-e', ask]).text).toBe('false\n');
  expect(run(['--no-opt', '--input-type=module', '-e', ask]).text).toBe('true\n');
});

test('it is ready in less than three times what bare Node takes: with each module in a file of its own it was five', () => {
  const rounds = Array.from({ length: 7 }, () => ({
    bare: run(['-e', '0']).ms,
    agent: run([program, 'check', '--config', config]).ms,
  }));
  const best = (key: 'bare' | 'agent'): number => Math.min(...rounds.map((round) => round[key]));
  expect(best('agent') / best('bare')).toBeLessThan(3);
});
