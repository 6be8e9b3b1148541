// Where results go: `--out`, or a fresh folder under reports/runs/ named by the time; in it one folder per run.

import { join, relative, resolve } from 'node:path';
import type { RunPlan } from '../model/run.ts';

/** Absolute folder of a call. */
export function outputFolder(out: string | null, { startedAt, name }: { startedAt: Date; name: string }): string {
  if (out !== null) return resolve(out);
  const stamp = startedAt.toISOString().slice(0, 19).replaceAll(':', '-');
  return resolve('reports', 'runs', `${stamp}-${slug(name)}`);
}

/** Name of a run's folder within it: scenario, agent, and what tells repeats and attempts apart. */
export function runFolderName(
  { scenario, agent, repeat }: Pick<RunPlan, 'scenario' | 'agent' | 'repeat'>,
  attempt: number,
): string {
  const tail = `${repeat > 0 ? `--repeat-${repeat + 1}` : ''}${attempt > 0 ? `--retry-${attempt}` : ''}`;
  return `${slug(scenario.id)}--${slug(agent.name)}${tail}`;
}

/** A path as its caller would type it: relative below the working directory, else as it is. */
export function shortenPath(path: string): string {
  const near = relative('.', path);
  return near === '..' || near.startsWith('../') ? resolve(path) : near || '.';
}

/** Letters, digits and dashes; the last two segments of a path are enough to recognise it. */
export function slug(text: string): string {
  const parts = text
    .replace(/\.ya?ml$/, '')
    .split(/[\\/]/)
    .slice(-2);
  return (
    join(...parts)
      .replaceAll(/[^A-Za-z0-9._-]+/g, '-')
      .replaceAll(/^[-.]+|[-.]+$/g, '')
      .slice(0, 80) || 'run'
  );
}
