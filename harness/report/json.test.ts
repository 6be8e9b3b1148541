import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { HOSTILE_RUN, INVALID_RUN, resultOf, VALID_RUN } from '../testing/fixtures/report-results.ts';
import { formatResult, writeResult } from './json.ts';

const RESULT = resultOf([VALID_RUN, INVALID_RUN]);

describe('result.json', () => {
  it('holds the result, in the order of the contract however it was built', () => {
    const reversed = Object.fromEntries(Object.entries(RESULT).reverse()) as unknown as typeof RESULT;
    const runs = RESULT.runs.map((run) => Object.fromEntries(Object.entries(run).reverse()) as unknown as typeof run);
    expect(formatResult({ ...reversed, runs })).toBe(formatResult(RESULT));
    expect(JSON.parse(formatResult(RESULT))).toEqual(RESULT);
    expect(Object.keys(JSON.parse(formatResult(RESULT)))).toEqual([
      'schema',
      'larsen',
      'verdict',
      'startedAt',
      'durationMs',
      'runs',
    ]);
  });

  it('keeps the order of numbers, because what matters comes first', () => {
    const text = formatResult(RESULT);
    expect(text.indexOf('"gain"')).toBeLessThan(text.indexOf('"ownBytesPerSecondMax"'));
  });

  it('has no null and no raw control character for numbers and texts that JSON cannot hold', () => {
    const finding = {
      ...INVALID_RUN.findings[0]!,
      numbers: { gainRatio: Number.POSITIVE_INFINITY, lagMs: Number.NaN },
    };
    const text = formatResult(resultOf([{ ...HOSTILE_RUN, findings: [finding] }]));
    expect(JSON.parse(text).runs[0].findings[0].numbers).toEqual({ gainRatio: Number.MAX_VALUE });
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028]/);
  });

  it('is written whole: neither a failure nor a success leaves another file behind', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'larsen-json-'));
    try {
      const path = join(folder, 'result.json');
      await writeResult(path, RESULT);
      await writeResult(path, resultOf([VALID_RUN]));
      expect(JSON.parse(await readFile(path, 'utf8')).runs).toHaveLength(1);
      // A folder in the way makes the rename fail.
      await expect(writeResult(folder, RESULT)).rejects.toThrow();
      expect(await readdir(folder)).toEqual(['result.json']);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
