// result.json: written whole or not at all (a temporary file, then a rename), with its keys in one
// fixed order whatever order they were made in, so that two results can be compared line by line.

import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Result } from '../model/run.ts';
import { hardenJson } from './escape.ts';

/** Writes `result` to `path` atomically. Throws what the file system throws; a half-written file never stays. */
export async function writeResult(path: string, result: Result): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
  try {
    const file = await open(temporary, 'wx', 0o644);
    try {
      await file.writeFile(formatResult(result));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** The text of result.json. Keys of maps (checks, numbers, apps) keep their order: checkers put what matters first. */
export function formatResult(result: Result): string {
  const ordered = inOrder(result, RESULT_KEYS, {
    runs: (runs: Result['runs']) =>
      runs.map((run) =>
        inOrder(run, RUN_KEYS, {
          checks: (checks: typeof run.checks) =>
            Object.fromEntries(Object.entries(checks).map(([name, check]) => [name, inOrder(check, CHECK_KEYS)])),
          findings: (findings: typeof run.findings) => findings.map((finding) => inOrder(finding, FINDING_KEYS)),
          ledger: (ledger: typeof run.ledger) => ({
            ...inOrder(ledger, LEDGER_KEYS),
            hops: ledger.hops.map((loss) => inOrder(loss, HOP_KEYS)),
          }),
        }),
      ),
  });
  return `${hardenJson(JSON.stringify(ordered, finite, 2))}\n`;
}

const RESULT_KEYS = ['schema', 'larsen', 'verdict', 'startedAt', 'durationMs', 'runs'];
const RUN_KEYS = [
  'scenario',
  'agent',
  'engine',
  'seed',
  'repeat',
  'verdict',
  'folder',
  'durationMs',
  'reasons',
  'checks',
  'findings',
  'ledger',
];
const CHECK_KEYS = ['verdict', 'numbers', 'reasons'];
const FINDING_KEYS = [
  'checker',
  'class',
  'hop',
  'severity',
  'title',
  'fromMs',
  'toMs',
  'numbers',
  'evidence',
  'remedy',
];
const LEDGER_KEYS = ['total', 'apps', 'hops'];
const HOP_KEYS = ['hop', 'reason', 'lines', 'bytes'];

/** A copy whose known keys come first in this order, then any others by name; `inner` rewrites the values of some. */
function inOrder(
  value: object,
  keys: readonly string[],
  inner: Record<string, (value: never) => unknown> = {},
): Record<string, unknown> {
  const source = value as Record<string, unknown>;
  const rest = Object.keys(source)
    .filter((key) => !keys.includes(key))
    .sort();
  const present = [...keys.filter((key) => key in source), ...rest];
  return Object.fromEntries(present.map((key) => [key, inner[key] ? inner[key](source[key] as never) : source[key]]));
}

/** JSON has no infinity, and `null` would break the schema: the largest double stands for it. NaN is left out. */
function finite(_key: string, value: unknown): unknown {
  if (typeof value !== 'number' || Number.isFinite(value)) return value;
  return Number.isNaN(value) ? undefined : Math.sign(value) * Number.MAX_VALUE;
}
