// A run folder that was damaged, or made up: judging it again gives a result or tells what is wrong with the folder. It
// never breaks, and what has a hole is never valid.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { writeSyntheticRun } from '../../bench/judge-run-folder.ts';
import { HarnessError } from '../core/errors.ts';
import { loadRegistry } from '../engine/built-ins.ts';
import { judgeRun } from './judge-run.ts';
import { writeRunReports } from './write-reports.ts';

const root = mkdtempSync(join(tmpdir(), 'malformed-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const folder = join(root, 'run');
writeSyntheticRun(folder, 400);
const FILES = ['run.json', 'history.jsonl', 'lines/web.bin'] as const;
const whole = Object.fromEntries(FILES.map((name) => [name, readFileSync(join(folder, name))]));
const registry = await loadRegistry([]);

// Every checker looks at the folder.
const record = JSON.parse(String(whole['run.json']));
for (const name of registry.checkers.keys()) record.plan.scenario.expect[name] ??= {};
whole['run.json'] = Buffer.from(JSON.stringify(record));

beforeEach(() => {
  for (const name of FILES) writeFileSync(join(folder, name), whole[name]!);
});

/** Judges it and writes its reports; the verdict, or the code of the error that tells what is wrong with the folder. */
async function judge(): Promise<string> {
  try {
    const judged = await judgeRun(folder, registry);
    await writeRunReports(judged);
    return judged.result.verdict;
  } catch (error) {
    if (error instanceof HarnessError && error.code.startsWith('E_RUN_FOLDER_')) return error.code;
    throw error;
  }
}

const TELLS = /^(valid|invalid|unknown|E_RUN_FOLDER_\w+)$/;
const anyValue = fc.oneof(
  fc.constantFrom<unknown>(null, true, -1, 0, 1e300, '', 'x', '10s', [], {}, [null], [1, 'a'], { a: { b: [] } }),
  fc.string(),
);

/** Puts `value` at the `at`-th place of a tree, counted through; undefined: takes the key away. */
function change(tree: unknown, at: number, value: unknown): void {
  const places: [Record<string, unknown>, string][] = [];
  const walk = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const key of Object.keys(node)) {
      places.push([node as Record<string, unknown>, key]);
      walk((node as Record<string, unknown>)[key]);
    }
  };
  walk(tree);
  const [owner, key] = places[at % places.length]!;
  if (value === undefined) delete owner[key];
  else owner[key] = value;
}

describe('a damaged run folder is told or judged, whatever is wrong', () => {
  it('is judged when nothing is wrong', async () => {
    expect(await judge()).toMatch(TELLS);
  });

  it('with any value anywhere in run.json', async () => {
    const property = fc.asyncProperty(fc.nat(), fc.option(anyValue, { nil: undefined }), async (at, value) => {
      const tree = structuredClone(record);
      change(tree, at, value);
      writeFileSync(join(folder, 'run.json'), JSON.stringify(tree));
      expect(await judge()).toMatch(TELLS);
    });
    await fc.assert(property, { numRuns: 25 });
  });

  it('with any value anywhere in the history', async () => {
    const lines = String(whole['history.jsonl']).trim().split('\n');
    const property = fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(), fc.nat(), fc.option(anyValue, { nil: undefined })), { minLength: 1, maxLength: 4 }),
      async (changes) => {
        const events = lines.map((line) => JSON.parse(line) as object);
        for (const [which, at, value] of changes) change(events[which % events.length], at, value);
        writeFileSync(join(folder, 'history.jsonl'), `${events.map((event) => JSON.stringify(event)).join('\n')}\n`);
        expect(await judge()).toMatch(TELLS);
      },
    );
    await fc.assert(property, { numRuns: 25 });
  });

  it.each(FILES)('with any bytes anywhere in %s, or its end missing', async (name) => {
    const before = whole[name]!;
    const property = fc.asyncProperty(
      fc.nat(),
      fc.oneof(fc.uint8Array({ minLength: 1, maxLength: 64 }), fc.constant(null)),
      async (at, bytes) => {
        const place = at % before.length;
        const damaged = Buffer.from(bytes === null ? before.subarray(0, place) : before);
        if (bytes) damaged.set(bytes.subarray(0, Math.min(bytes.length, damaged.length - place)), place);
        writeFileSync(join(folder, name), damaged);
        expect(await judge()).toMatch(TELLS);
      },
    );
    await fc.assert(property, { numRuns: 10 });
  });
});
