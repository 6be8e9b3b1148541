// The main job as a newcomer does it: `larsen run` without arguments is green with the agent that comes with larsen, and
// leaves all that the contract names. In the quick profile, so that it fits into CI.

import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PACKAGE_DIR } from '../engine/package-dir.ts';
import { ledgerEntrySchema, resultSchema } from '../scenario/result-schema.ts';

const REPORTS = ['report.html', 'report.md', 'junit.xml', 'run.json', 'history.jsonl', 'ledger.jsonl'];

test('larsen run is green with larsen-agent and writes every file of the contract', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'suite-'));
  try {
    const { code, output } = await larsen(['run', '--profile', 'quick', '--out', join(folder, 'out')]);
    expect(code, output).toBe(0);
    const result = resultSchema.parse(JSON.parse(readFileSync(join(folder, 'out/result.json'), 'utf8')));
    expect(result.verdict).toBe('valid');
    expect(result.runs.map(({ scenario }) => scenario)).toEqual([
      'loop/refused-batch',
      'loss/sink-outage',
      'oversize/spike-past-grpc-limit',
      'spike/viral-video',
      'stall/frozen-agent',
    ]);
    for (const run of result.runs) {
      expect(run.findings).toEqual([]);
      expect(run.ledger.total.storedLines).toBe(run.ledger.total.dueLines);
      for (const file of REPORTS) expect(existsSync(join(folder, 'out', run.folder, file)), file).toBe(true);
      const ledger = readFileSync(join(folder, 'out', run.folder, 'ledger.jsonl'), 'utf8')
        .split('\n')
        .filter(Boolean);
      for (const line of ledger) ledgerEntrySchema.parse(JSON.parse(line));
    }
    expect(output).toContain('5 valid');
    await expectSameAgain(join(folder, 'out'), result.runs[0]!);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** `larsen check` of an unchanged folder gives the same numbers to the byte. */
async function expectSameAgain(out: string, before: { folder: string; durationMs?: unknown }): Promise<void> {
  const runFolder = join(out, before.folder);
  const ledger = readFileSync(join(runFolder, 'ledger.jsonl'));
  const { code, output } = await larsen(['check', runFolder, '--quiet']);
  expect(code, output).toBe(0);
  const [again] = resultSchema.parse(JSON.parse(readFileSync(join(runFolder, 'result.json'), 'utf8'))).runs;
  // Where it lies and how long the run took are of the call, not of the judging.
  const judged = (run: object): string => JSON.stringify({ ...run, folder: '', durationMs: 0 });
  expect(judged(again!)).toBe(judged(before));
  expect(readFileSync(join(runFolder, 'ledger.jsonl')).equals(ledger)).toBe(true);
}

function larsen(args: string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [join(PACKAGE_DIR, 'harness/cli/bin.mjs'), ...args],
      { env: { ...process.env, CI: 'true' }, maxBuffer: 16 * 1_024 * 1_024 },
      (_, stdout, stderr) => resolve({ code: child.exitCode ?? -1, output: stdout + stderr }),
    );
  });
}
