// How long an agent takes until its socket answers, and what it holds when it has nothing to do: medians over several starts.

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { median } from 'simple-statistics';
import { PEERS, type PeerOptions } from './agent-peers.ts';

const ROUNDS = 10;
const WAIT_MS_MAX = 10_000;
/** Time in which an agent settles before its memory is read. */
const IDLE_MS = 1000;

/** What starts cost. */
export interface StartFigure {
  startMs: number;
  idleMb: number;
}

/** Starts the agent ten times; `undefined` where there is none of that name. */
export async function measureStarts(
  agent: string,
  options: Omit<PeerOptions, 'path'>,
): Promise<StartFigure | undefined> {
  const starts: number[] = [];
  const idle: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const folder = mkdtempSync(join(options.folder, 'start-'));
    const path = join(folder, 's.sock');
    const start = PEERS[agent]?.({ ...options, folder, path });
    if (start === undefined) return undefined;
    const sinceMs = performance.now();
    const child = spawn(start.command, start.args, { stdio: 'ignore' });
    try {
      while (!(await answers(path)))
        if (performance.now() - sinceMs > WAIT_MS_MAX) throw new Error(`${agent} does not listen`);
      starts.push(performance.now() - sinceMs);
      await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      idle.push(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024);
    } finally {
      child.kill('SIGKILL');
    }
  }
  return { startMs: median(starts), idleMb: median(idle) };
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => setTimeout(() => resolve(false), 2));
  });
}
