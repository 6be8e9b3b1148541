// What the Docker daemon itself writes about its log drivers, where its log can be read: the file that
// LARSEN_DOCKERD_LOG names, or the journal. Its lines carry no container, so they are evidence that something was
// dropped or not closed, and not an account.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { ProbeData } from '../../model/event.ts';
import { getGuard } from '../shared/guard.ts';
import type { RunSpace } from '../shared/run-space.ts';

const TELL_EVERY_MS = 500;
const SAMPLE_CHARS = 300;

/** What is looked for, by the name under which it is told. */
const TROUBLES: readonly [name: string, pattern: RegExp][] = [
  ['buffer-full', /fluent#appendBuffer: Buffer full/],
  ['reconnecting', /Unable to send logs to fluentd, reconnecting|can't send logs, client is reconnecting/],
  ['discarded', /Discarding queued events/],
  ['not-closed', /[Ll]ogger didn't exit in time/],
  ['not-logged', /Failed to log msg|Error writing log message/],
];

/** The name of the trouble that a line of the daemon's log tells of, null for all others. */
export function findTrouble(line: string): string | null {
  return TROUBLES.find(([, pattern]) => pattern.test(line))?.[0] ?? null;
}

/** How its log is followed; null where there is none to be read. */
export function followCommand(
  env: Record<string, string | undefined>,
  exists: (path: string) => boolean = existsSync,
): string[] | null {
  const file = env.LARSEN_DOCKERD_LOG;
  if (file) return exists(file) ? ['tail', '-n', '0', '-F', file] : null;
  if (!exists('/run/systemd/system')) return null;
  return ['journalctl', '--follow', '--lines=0', '--output=cat', '--unit=docker.service'];
}

/** Follows it until the space is disposed: sums twice a second while there are any. */
export function watchDaemonLog(space: RunSpace): void {
  const [program, ...words] = followCommand(process.env) ?? [];
  if (!program) return;
  let counts: Record<string, number> = {};
  let sample = '';
  const tell = (): void => {
    if (Object.keys(counts).length === 0) return;
    const data: ProbeData = { probe: 'daemon-log', counts, sample };
    space.record({ kind: 'probe', hop: 'driver', data: { ...data } });
    counts = {};
  };
  const follower = spawn(program, words, { stdio: ['ignore', 'pipe', 'ignore'] });
  // Not installed, or not ours to read: then nothing is told.
  follower.on('error', () => undefined);
  if (follower.pid) getGuard().watch(follower.pid, { group: false });
  createInterface({ input: follower.stdout }).on('line', (line) => {
    const trouble = findTrouble(line);
    if (trouble === null) return;
    if (counts[trouble] === undefined) sample = line.slice(0, SAMPLE_CHARS);
    counts[trouble] = (counts[trouble] ?? 0) + 1;
  });
  const timer = setInterval(tell, TELL_EVERY_MS);
  timer.unref();
  space.onDispose(() => {
    clearInterval(timer);
    tell();
    follower.kill('SIGKILL');
    if (follower.pid) getGuard().forget(follower.pid);
  });
}
