// `larsen clean`: removes old results below reports/runs/, the newest kept. A folder goes only when everything in it is
// known to be ours; one that holds anything else, or that a run may still be writing to, stays and is told.

import { existsSync, lstatSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** What was, or with `dryRun` would be, removed and left. */
export interface CleanOutcome {
  removed: string[];
  kept: string[];
  /** Not ours, or not sure: the reason is told. */
  left: { folder: string; why: string }[];
}

const CALL_FILES =
  /^(result\.json|index\.html|report\.md|junit\.xml|comparison\.json|compare\.html|compare\.md|\.result\.json\.[\w-]+\.tmp)$/;
/** A call without a result that changed this recently may still be running. */
const RUNNING_MS = 3_600_000;

/** Sweeps the call folders directly below `root`. Links are never followed. */
export function cleanRuns(
  root: string,
  { keep, dryRun, nowMs }: { keep: number; dryRun: boolean; nowMs: number },
): CleanOutcome {
  const outcome: CleanOutcome = { removed: [], kept: [], left: [] };
  const folders = existsSync(root) ? readdirSync(root).map((name) => join(root, name)) : [];
  const ours: { folder: string; changedMs: number }[] = [];
  for (const folder of folders) {
    const why = findDoubt(folder, nowMs);
    if (why === null) ours.push({ folder, changedMs: lstatSync(folder).mtimeMs });
    else outcome.left.push({ folder, why });
  }
  ours.sort((a, b) => b.changedMs - a.changedMs || b.folder.localeCompare(a.folder));
  for (const [index, { folder }] of ours.entries()) {
    if (index < keep) outcome.kept.push(folder);
    else {
      if (!dryRun) rmSync(folder, { recursive: true, force: true });
      outcome.removed.push(folder);
    }
  }
  return outcome;
}

/** Why a folder must stay, or null when it is a call of ours and nothing else. */
function findDoubt(folder: string, nowMs: number): string | null {
  if (!lstatSync(folder).isDirectory()) return 'not a folder';
  const entries = readdirSync(folder, { withFileTypes: true });
  const stranger = entries.find((entry) =>
    entry.isDirectory() ? !isRunFolder(join(folder, entry.name)) : !(entry.isFile() && CALL_FILES.test(entry.name)),
  );
  if (stranger) return `${stranger.name} in it is not of larsen`;
  if (isOurs(join(folder, 'result.json'))) return null;
  if (!entries.some((entry) => entry.isDirectory())) return 'no result and no run in it';
  return nowMs - lstatSync(folder).mtimeMs < RUNNING_MS ? 'it has no result yet, and may be running' : null;
}

function isRunFolder(folder: string): boolean {
  return isOurs(join(folder, 'run.json'));
}

/** A JSON file of ours says so in its first keys. */
function isOurs(file: string): boolean {
  try {
    if (!lstatSync(file).isFile()) return false;
    const { schema, larsen } = JSON.parse(readFileSync(file, 'utf8')) as { schema?: unknown; larsen?: unknown };
    return schema === 1 && typeof larsen === 'string';
  } catch {
    return false;
  }
}
