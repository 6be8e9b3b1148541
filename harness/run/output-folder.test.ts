import { sep } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Scenario } from '../model/scenario.ts';
import { outputFolder, runFolderName, slug } from './output-folder.ts';

describe('output folders', () => {
  it('are named by time and scenario unless `--out` says where', () => {
    const startedAt = new Date('2026-11-22T14:21:39Z');
    expect(
      outputFolder(null, { startedAt, name: 'spike/viral-video' }).endsWith(
        `reports${sep}runs${sep}2026-11-22T14-21-39-spike-viral-video`,
      ),
    ).toBe(true);
    expect(outputFolder('/tmp/out', { startedAt, name: 'x' })).toBe('/tmp/out');
  });

  it('tell repeats and attempts apart', () => {
    const plan = { scenario: { id: 'spike/viral-video' } as Scenario, agent: { name: 'mine' } as never, repeat: 0 };
    expect(runFolderName(plan, 0)).toBe('spike-viral-video--mine');
    expect(runFolderName({ ...plan, repeat: 2 }, 1)).toBe('spike-viral-video--mine--repeat-3--retry-1');
  });

  it('never leave their parent, whatever the name', () => {
    fc.assert(fc.property(fc.string(), (name) => void expect(slug(name)).toMatch(/^[A-Za-z0-9_][A-Za-z0-9._-]*$/)));
  });
});
