// Where the time of larsen-agent goes: V8 samples it, and writes what it has seen when the process ends.

import type { ChildProcess } from 'node:child_process';
import { copyFileSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const SHOWN = 15;

interface CpuProfile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[];
  samples: number[];
  timeDeltas: number[];
}

/** Arguments of Node that have the process profiled. */
export function profileArguments(folder: string): string[] {
  return ['--cpu-prof', `--cpu-prof-dir=${folder}`];
}

/** Ends the process, keeps its profile as `target`, and tells the functions by their own share of the time. */
export async function finishProfile(child: ChildProcess, folder: string, target: string): Promise<string[]> {
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await exited;
  const file = readdirSync(folder).find((name) => name.endsWith('.cpuprofile'));
  if (file === undefined) throw new Error('the process has left no profile');
  copyFileSync(join(folder, file), target);
  return topFunctions(JSON.parse(readFileSync(target, 'utf8')) as CpuProfile);
}

function topFunctions({ nodes, samples, timeDeltas }: CpuProfile): string[] {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, describe(callFrame)]));
  const micros = new Map<string, number>();
  let all = 0;
  samples.forEach((id, i) => {
    const name = names.get(id) ?? '';
    if (name === '(idle)') return;
    all += timeDeltas[i] ?? 0;
    micros.set(name, (micros.get(name) ?? 0) + (timeDeltas[i] ?? 0));
  });
  const sorted = [...micros].sort(([, a], [, b]) => b - a).slice(0, SHOWN);
  return sorted.map(([name, own]) => `${((100 * own) / all).toFixed(1).padStart(5)} %  ${name}`);
}

function describe({ functionName, url, lineNumber }: CpuProfile['nodes'][0]['callFrame']): string {
  const name = functionName || '(anonymous)';
  return url === '' ? name : `${name} ${url.replace(/^.*\//, '')}:${lineNumber + 1}`;
}
