// What an agent admits to have given up beside its counters: lines of its own log that a pattern of its file finds, and
// the ids in the dead letters that it keeps. Read once, when it has ended; bounded, because both may be of any size.

import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { AdmissionsData } from '../model/event.ts';
import { createLineIdScanner } from '../model/line-id.ts';

/** Where to look. */
export interface AdmissionSources {
  /** The kept log of the agent's own output, one JSON object with `log` a line; and what admits a loss in it. */
  log: { files: string[]; pattern: RegExp } | null;
  /** A file, or a folder of files. */
  deadLetters: string | null;
  run: string;
  apps: readonly string[];
}

const BYTES_MAX = 256 * 1_048_576;
const FILES_MAX = 1_000;
/** What is looked at of one line of its log: patterns must not run away. */
const LOG_LINE_MAX = 4_096;

/** Reads them. What is not there admits nothing. */
export async function readAdmissions({ log, deadLetters, run, apps }: AdmissionSources): Promise<AdmissionsData> {
  const budget = { bytes: BYTES_MAX, isCut: false };
  let logLines = 0;
  if (log)
    for (const file of log.files)
      await readLines(file, budget, (line) => {
        logLines += countAdmitted(readLogText(line), log.pattern);
      });
  const given = new Set<string>();
  const scanner = createLineIdScanner(run, apps);
  for (const file of deadLetters === null ? [] : await listFiles(deadLetters, budget))
    await readLines(file, budget, (line) => {
      scanner.scan(Buffer.from(line), ({ appIndex, seq, canary }) => {
        if (!canary && appIndex >= 0) given.add(`${appIndex}/${seq}`);
      });
    });
  return {
    ...(log && { logLines }),
    ...(deadLetters !== null && { deadLetterLines: given.size }),
    isCut: budget.isCut,
  };
}

/** One for each match, or as many as its group `lines` says. */
function countAdmitted(text: string, pattern: RegExp): number {
  const match = pattern.exec(text.slice(0, LOG_LINE_MAX));
  if (!match) return 0;
  const told = Number(match.groups?.lines?.replaceAll(/[,_ ]/g, '') ?? 1);
  return Number.isSafeInteger(told) && told >= 0 ? told : 1;
}

function readLogText(line: string): string {
  try {
    const { log } = JSON.parse(line) as { log?: unknown };
    return typeof log === 'string' ? log : line;
  } catch {
    return line;
  }
}

async function readLines(
  file: string,
  budget: { bytes: number; isCut: boolean },
  visit: (line: string) => void,
): Promise<void> {
  const size = await stat(file).then(
    (found) => (found.isFile() ? found.size : 0),
    () => 0,
  );
  if (size === 0) return;
  if (budget.bytes === 0 || size > budget.bytes) budget.isCut = true;
  if (budget.bytes === 0) return;
  const stream = createReadStream(file, { encoding: 'latin1', end: Math.min(size, budget.bytes) - 1 });
  budget.bytes -= Math.min(size, budget.bytes);
  try {
    for await (const line of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) visit(line);
  } catch {
    // A file that cannot be read admits nothing.
  }
}

async function listFiles(path: string, budget: { isCut: boolean }): Promise<string[]> {
  const found = await stat(path).catch(() => null);
  if (!found?.isDirectory()) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  if (files.length > FILES_MAX) budget.isCut = true;
  return files.sort().slice(0, FILES_MAX);
}
