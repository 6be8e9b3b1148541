import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { cleanRuns } from './clean-runs.ts';

const base = mkdtempSync(join(tmpdir(), 'larsen-clean-'));
afterAll(() => rmSync(base, { recursive: true }));
let root: string;
beforeEach(() => {
  root = mkdtempSync(join(base, 'runs-'));
});

const NOW_MS = 2_000_000_000_000;
const OURS = JSON.stringify({ schema: 1, larsen: '0.1.0' });

function makeCall(name: string, { ageHours, result = true }: { ageHours: number; result?: boolean }): string {
  const folder = join(root, name);
  mkdirSync(join(folder, 'a--b', 'lines'), { recursive: true });
  writeFileSync(join(folder, 'a--b', 'run.json'), OURS);
  if (result) writeFileSync(join(folder, 'result.json'), OURS);
  writeFileSync(join(folder, 'index.html'), '');
  const seconds = NOW_MS / 1_000 - ageHours * 3_600;
  utimesSync(folder, seconds, seconds);
  return folder;
}

const sweep = (keep: number, dryRun = false) => cleanRuns(root, { keep, dryRun, nowMs: NOW_MS });
const names = (paths: string[]): string[] => paths.map((path) => basename(path));

describe('cleanRuns', () => {
  it('keeps the newest and removes the rest', () => {
    for (const [index, name] of ['old', 'middle', 'new'].entries()) makeCall(name, { ageHours: 30 - index });
    const { removed, kept } = sweep(2);
    expect([names(removed), names(kept)]).toEqual([['old'], ['new', 'middle']]);
    expect(existsSync(join(root, 'old'))).toBe(false);
    expect(existsSync(join(root, 'middle'))).toBe(true);
  });

  it('removes nothing when it is only asked what it would', () => {
    makeCall('old', { ageHours: 30 });
    expect(names(sweep(0, true).removed)).toEqual(['old']);
    expect(existsSync(join(root, 'old'))).toBe(true);
  });

  it('leaves what is not ours: strangers, folders with a file of somebody’s, links, plain files', () => {
    const outside = mkdtempSync(join(base, 'outside-'));
    writeFileSync(join(outside, 'result.json'), OURS);
    symlinkSync(outside, join(root, 'link'));
    writeFileSync(join(root, 'notes.txt'), 'mine');
    mkdirSync(join(root, 'stranger'));
    writeFileSync(join(root, 'stranger', 'result.json'), '{"schema":1}');
    writeFileSync(join(makeCall('annotated', { ageHours: 9 }), 'notes.txt'), 'mine');
    mkdirSync(join(makeCall('mixed', { ageHours: 9 }), 'photos'));
    symlinkSync(outside, join(makeCall('linked', { ageHours: 9 }), 'result-link'));
    const { removed, left } = sweep(0);
    expect(removed).toEqual([]);
    expect(names(left.map(({ folder }) => folder)).sort()).toEqual(
      ['annotated', 'link', 'linked', 'mixed', 'notes.txt', 'stranger'].sort(),
    );
    expect(existsSync(join(outside, 'result.json'))).toBe(true);
  });

  it('leaves a run that may be going on, and takes one that was killed long ago', () => {
    makeCall('running', { ageHours: 0.5, result: false });
    makeCall('killed', { ageHours: 5, result: false });
    const { removed, left } = sweep(0);
    expect(names(removed)).toEqual(['killed']);
    expect(left[0]!.why).toContain('may be running');
  });

  it('has nothing to do where nothing ever ran', () => {
    expect(cleanRuns(join(root, 'none'), { keep: 0, dryRun: false, nowMs: NOW_MS })).toEqual({
      removed: [],
      kept: [],
      left: [],
    });
  });
});
