// Measures what judging costs: a synthetic run of a million lines (planned, written, sent, pushed, stored: five
// records each) is judged by a process of its own, against a plain read and decode of the same records.
//
//   node dist/bench/judge.bench.js [--lines N]
//
// Some lines are lost on purpose: a judgement that does not find exactly these is no measurement. Fails above
// 5 s or 200 MB for up to a million lines, above 1 s for each million or 300 MB for more.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { loadRegistry } from '../harness/engine/built-ins.ts';
import { judgeRun } from '../harness/run/judge-run.ts';
import { openHistory } from '../harness/run/recorded-history.ts';
import { writeSyntheticRun } from './judge-run-folder.ts';

const limits = (lines: number): { secondsMax: number; rssMbMax: number } =>
  lines <= 1_000_000 ? { secondsMax: 5, rssMbMax: 200 } : { secondsMax: Math.max(5, lines / 1e6), rssMbMax: 300 };

interface Figure {
  seconds: number;
  cpuSeconds: number;
  rssMb: number;
  lines: number;
  lostLines: number;
  verdict: string;
}

const { values } = parseArgs({
  options: { lines: { type: 'string', default: '1000000' }, judge: { type: 'string' }, read: { type: 'string' } },
});
if (values.judge !== undefined) console.log(JSON.stringify(await measure(() => judge(values.judge!))));
else if (values.read !== undefined) console.log(JSON.stringify(await measure(() => readOnly(values.read!))));
else compare(Number(values.lines));

/** Makes the run, measures both in processes of their own, prints, cleans up. */
function compare(lines: number): void {
  const folder = mkdtempSync(join(tmpdir(), 'larsen-judge-bench-'));
  try {
    const { lost } = writeSyntheticRun(folder, lines);
    const baseline = runSelf('--read', folder);
    const judged = runSelf('--judge', folder);
    print('read', baseline);
    print('judge', judged);
    console.log(`ratio ${(judged.seconds / baseline.seconds).toFixed(2)}`);
    const isRight = judged.lines === lines && judged.lostLines === lost && judged.verdict === 'invalid';
    if (!isRight) fail(`judged ${judged.lines} lines and ${judged.lostLines} lost, expected ${lines} and ${lost}`);
    const { secondsMax, rssMbMax } = limits(lines);
    if (judged.seconds > secondsMax || judged.rssMb > rssMbMax) fail(`more than ${secondsMax} s or ${rssMbMax} MB`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function runSelf(mode: '--judge' | '--read', folder: string): Figure {
  const output = execFileSync(process.execPath, [fileURLToPath(import.meta.url), mode, folder], { encoding: 'utf8' });
  return JSON.parse(output) as Figure;
}

async function measure(work: () => Promise<Pick<Figure, 'lines' | 'lostLines' | 'verdict'>>): Promise<Figure> {
  const startMs = performance.now();
  const cpuBefore = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(cpuBefore);
  const seconds = (performance.now() - startMs) / 1_000;
  // maxRSS is in KiB on every platform.
  const rssMb = (process.resourceUsage().maxRSS * 1_024) / 1e6;
  return { seconds, cpuSeconds: (user + system) / 1e6, rssMb, ...result };
}

async function judge(folder: string): Promise<Pick<Figure, 'lines' | 'lostLines' | 'verdict'>> {
  const { result } = await judgeRun(folder, await loadRegistry([]));
  const { dueLines, lostLines } = result.ledger.total;
  const checks = Object.entries(result.checks).filter(([, { verdict }]) => verdict !== 'valid');
  if (checks.length !== 1 || checks[0]![0] !== 'parity' || result.reasons.length > 0)
    throw new Error(`The synthetic run is not judged as it was made: ${JSON.stringify(result)}`);
  return { lines: dueLines, lostLines, verdict: result.verdict };
}

/** The floor: every record read and decoded once, nothing asked of it. */
async function readOnly(folder: string): Promise<Pick<Figure, 'lines' | 'lostLines' | 'verdict'>> {
  const history = await openHistory(folder);
  let records = 0;
  let bytes = 0;
  for (const app of history.apps())
    await history.lines(app, (record) => {
      records++;
      bytes += record.bytes;
    });
  return { lines: Math.floor(records / 5), lostLines: 0, verdict: bytes > 0 ? 'none' : 'empty' };
}

function print(name: string, { seconds, cpuSeconds, rssMb }: Figure): void {
  console.log(
    `${name.padEnd(6)} ${seconds.toFixed(2)} s  ${cpuSeconds.toFixed(2)} CPU-s  peak RSS ${rssMb.toFixed(0)} MB`,
  );
}

function fail(reason: string): void {
  console.error(`judge.bench: ${reason}`);
  process.exitCode = 1;
}
