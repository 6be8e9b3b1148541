// A folder of someone who knows larsen by its contract only: files are put into it, the built command runs in it, and
// what it leaves behind is read as the contract describes it.

import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { LedgerEntry } from '../../model/ledger.ts';
import type { Result, RunResult } from '../../model/run.ts';
import { resultSchema } from '../../scenario/result-schema.ts';

const COMMAND = new URL('../../cli/bin.mjs', import.meta.url).pathname;
const FILES = new URL('./files/', import.meta.url).pathname;

/** What a call of the command left behind. */
export interface Outcome {
  exitCode: number | null;
  stdout: string;
  stderr: string;
  tookMs: number;
  /** result.json; throws when there is none or when it is not as published. */
  result(): Result;
  /** The only run of it. */
  run(): RunResult;
  /** Absolute path in the folder of the only run. */
  inRun(path: string): string;
  ledger(): LedgerEntry[];
}

/** A folder to work in. */
export interface Workplace extends Disposable {
  path: string;
  write(name: string, text: string): void;
  /** Copies files of `testing/outside/files/`. */
  bring(...names: string[]): void;
  read(name: string): string;
  /** Runs `larsen` here; `run` and `replay` put their results into `out`. */
  larsen(args: string[], out?: string): Promise<Outcome>;
}

/** Makes an empty folder; disposing it removes it. */
export function createWorkplace(): Workplace {
  const path = mkdtempSync(join(tmpdir(), 'outside-'));
  return {
    path,
    write: (name, text) => writeFileSync(join(path, name), text),
    bring: (...names) => {
      for (const name of names) copyFileSync(join(FILES, name), join(path, name));
    },
    read: (name) => (existsSync(join(path, name)) ? readFileSync(join(path, name), 'utf8') : ''),
    larsen: async (args, out = 'out') => {
      const ended = await call(path, [...args, ...(args[0] === 'check' ? [] : ['--out', out])]);
      return describeOutcome(ended, resolve(path, args[0] === 'check' ? args.at(-1)! : out));
    },
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
}

function describeOutcome(ended: Ended, outDir: string): Outcome {
  const result = (): Result =>
    resultSchema.parse(JSON.parse(readFileSync(join(outDir, 'result.json'), 'utf8'))) as unknown as Result;
  const run = (): RunResult => {
    const { runs } = result();
    if (runs.length !== 1) throw new Error(`${runs.length} runs`);
    return runs[0]!;
  };
  const inRun = (path: string): string => join(outDir, run().folder, path);
  const ledger = (): LedgerEntry[] =>
    readFileSync(inRun('ledger.jsonl'), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as LedgerEntry);
  return { ...ended, result, run, inRun, ledger };
}

type Ended = Pick<Outcome, 'exitCode' | 'stdout' | 'stderr' | 'tookMs'>;

function call(cwd: string, args: string[]): Promise<Ended> {
  const startMs = performance.now();
  const { CI: _ci, ...env } = process.env;
  const child = spawn(process.execPath, [COMMAND, ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => resolve({ ...output, exitCode, tookMs: performance.now() - startMs }));
  });
}
