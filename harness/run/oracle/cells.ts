// The cells of the matrix that have been run, as JSON lines in a file: each is appended as soon as its run has ended, so
// that a matrix can be made in pieces. What a cell was made from (scenario, agent, changes, profile, seed) is its key;
// a file that was edited since has another key, and its cell is run again.

import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { ControlJob } from './control-jobs.ts';

/** One control to run with one seed. */
export interface CellJob extends ControlJob {
  profile: string;
  seed: number;
}

const cellSchema = z.strictObject({
  key: z.string(),
  scenario: z.string(),
  agent: z.string(),
  /** The control changes the scenario. */
  isVariant: z.boolean(),
  expected: z.array(z.string()),
  found: z.array(z.string()),
  /** Why the run was unknown, else null. */
  doubt: z.string().nullable(),
  profile: z.string(),
  seed: z.number(),
  /** Abbreviated, with a + where the tree held changes; the day as ISO. */
  commit: z.string(),
  date: z.string(),
  tookMs: z.number(),
});

/** What came of one control with one seed. */
export type Cell = z.infer<typeof cellSchema>;

/** What tells a cell from any other, and from the same one before its scenario was changed. */
export function keyOf({ scenario, control, profile, seed }: CellJob): string {
  const { controls: _controls, file: _file, ...judged } = scenario;
  return createHash('sha256')
    .update(JSON.stringify([judged, control, profile, seed]))
    .digest('hex')
    .slice(0, 16);
}

/** The cells of a file by key, the last of each; a line that was cut short is none. No file: none. */
export function readCells(file: string): Map<string, Cell> {
  const cells = new Map<string, Cell>();
  if (!existsSync(file)) return cells;
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const cell = cellSchema.safeParse(parseLine(line));
    if (cell.success) cells.set(cell.data.key, cell.data);
  }
  return cells;
}

/** Adds a cell to a file. */
export function appendCell(file: string, cell: Cell): void {
  mkdirSync(dirname(file), { recursive: true });
  appendFileSync(file, `${JSON.stringify(cell)}\n`);
}

/** Leaves only these cells in a file. */
export function writeCells(file: string, cells: Iterable<Cell>): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, [...cells].map((cell) => `${JSON.stringify(cell)}\n`).join(''));
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
