// The built program, killed with SIGKILL at each of its calls that change a file and within its writes. Its inputs are
// those that promise something: Forward with acks (plain lines, pieces of long lines, lines of events, each sent when the
// one before is acked), GELF and syslog streams (what was read before an ack of another sender), a followed file, the
// journal. What was acked, and all of the file and the journal, is at the sink in the end, under each policy of fsync.
// LARSEN_KILLS sets how many calls are tried: a few, spread over a life, in CI; `all` for a run by hand.

import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { message } from './testing/forward-messages.ts';
import { openSmallLoki } from './testing/small-loki.ts';
import { sleep } from './testing/until.ts';

const KILLS = process.env.LARSEN_KILLS ?? '8';
const program = fileURLToPath(new URL('../dist/agent/main.js', import.meta.url));
const preload = fileURLToPath(new URL('./testing/kill-at.mjs', import.meta.url));
const STEPS = 24;

/** Writes entries behind a cursor as journalctl does, then waits for more for a while. */
const JOURNALCTL = `#!/bin/sh
i=1
for a in "$@"; do case $a in --after-cursor=*) i=$((\${a#--after-cursor=} + 1));; esac; done
while [ $i -le 30 ]; do
  printf '__CURSOR=%s\\nSYSLOG_IDENTIFIER=journal\\nMESSAGE=[j%s]\\n\\n' $i $i
  i=$((i + 1))
done
exec sleep 2
`;

/** A Loki that refuses the first pushes of a life. */
async function openSink() {
  const state = { refuses: 0 };
  const { lines, url, close } = await openSmallLoki(() => (state.refuses-- > 0 ? 503 : 204));
  return { state, lines, url, close };
}

/** Each policy in turn: a kill takes nothing of what was written, whatever was synced. */
const FSYNC = ['batch', 'interval', 'never'] as const;

function configure(folder: string, url: string, fsync: string = 'batch'): string {
  const config = join(folder, 'agent.yaml');
  writeFileSync(join(folder, 'journalctl'), JOURNALCTL);
  chmodSync(join(folder, 'journalctl'), 0o755);
  writeFileSync(join(folder, 'app.log'), Array.from({ length: 30 }, (_, i) => `[f${i}] ${'x'.repeat(300)}\n`).join(''));
  writeFileSync(
    config,
    `inputs:
  - { type: forward, url: "unix://${folder}/agent.sock" }
  - { type: gelf, url: "unix://${folder}/gelf.sock" }
  - { type: syslog, url: "unix://${folder}/syslog.sock" }
  - { type: tail, paths: [ "${folder}/app.log" ], checkpoint: "${folder}/tail.state", poll: 20ms }
  - { type: journald, command: [ "${folder}/journalctl" ], checkpoint: "${folder}/journal.state" }
outputs: [ { type: loki, url: "${url}", retry: { min: 20ms, max: 50ms } } ]
buffer: { type: disk, path: "${folder}/buffer", segmentMax: 64KiB, fsync: ${fsync} }
process: { multiline: [ { when: { app: java }, start: "^>", timeout: 300ms } ] }
partials: { timeout: 1s }
batch: { ageMax: 20ms }
`,
  );
  return config;
}

/** One life of the agent: sends each message when the one before is acked, until it dies or all are sent. */
async function live(
  folder: string,
  config: string,
  env: Record<string, string>,
): Promise<{ acked: string[]; isKilled: boolean }> {
  const child = start(config, env);
  const acked: string[] = [];
  let isOver = false;
  const exited = new Promise<void>((resolve) =>
    child.once('exit', () => {
      isOver = true;
      resolve();
    }),
  );
  const senders = (['gelf', 'syslog'] as const).map(async (kind) => {
    const container = kind === 'gelf' ? 'a' : 'b';
    const silent = await open(join(folder, `${kind}.sock`), () => isOver);
    let before: string | undefined;
    let socket = await open(join(folder, 'agent.sock'), () => isOver);
    for (let n = 0; n < STEPS && !isOver && socket !== undefined; n++) {
      const id = `[${container}${n}]`;
      const from = socket;
      const ack = new Promise<boolean>((resolve) => {
        const end = (isAcked: boolean) => () => {
          from.removeAllListeners('data').removeAllListeners('close');
          resolve(isAcked);
        };
        from.once('data', end(true)).once('close', end(false));
      });
      const unacked = `[${kind}${n}]`;
      silent?.write(kind === 'gelf' ? `{"host":"h","short_message":"${unacked}"}\0` : `<14>app: ${unacked}\n`);
      socket.write(makeMessage(container, n, id));
      if (await ack) {
        acked.push(id);
        // What was written before an acked message was read by the time of the next one.
        if (before !== undefined) acked.push(before);
        before = unacked;
      } else socket = undefined;
    }
    socket?.destroy();
    silent?.destroy();
  });
  await Promise.all(senders);
  if (!isOver) await sleep(150);
  child.kill('SIGTERM');
  await exited;
  return { acked, isKilled: child.signalCode === 'SIGKILL' };
}

/** In turn a plain line, three pieces of a long line (the last one missing every other time), and an event of two lines. */
function makeMessage(container: string, n: number, id: string): Uint8Array {
  const step = n % 6;
  const isPiece = step >= 1 && step <= 3;
  const extra = isPiece
    ? { partial_message: 'true', partial_id: `${container}${n - step}`, partial_last: String(step === 3 && n % 4 < 2) }
    : {};
  const log = `${step === 4 ? '>' : ' '}${id} ${'y'.repeat(n % 5 === 0 ? 9000 : 50)}`;
  return message({ tag: step > 3 ? `java.${container}` : `app.${container}`, log, extra, option: { chunk: id } });
}

function start(config: string, env: Record<string, string>): ChildProcess {
  const options = { stdio: 'ignore', env: { PATH: process.env.PATH ?? '', ...env } } as const;
  return spawn(process.execPath, ['--import', preload, program, '--config', config], options);
}

async function open(path: string, isOver: () => boolean): Promise<Socket | undefined> {
  for (let tries = 0; tries < 2000 && !isOver(); tries++) {
    const socket = connect(path);
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
    socket.on('error', () => {});
    if (isOpen) return socket;
    await sleep(5);
  }
  return undefined;
}

function missingOf(ids: readonly string[], lines: readonly string[]): string[] {
  const stored = lines.join('\n');
  return ids.filter((id) => !stored.includes(id));
}

test('killed at any call: what was acked is stored, and all of the file and of the journal', async () => {
  const sink = await openSink();
  const folders: string[] = [];
  const makeFolder = (): string => {
    folders.push(mkdtempSync(join(tmpdir(), 'larsen-kill-')));
    return folders.at(-1) as string;
  };
  const all = ['f', 'j'].flatMap((kind) =>
    Array.from({ length: 30 }, (_, i) => `[${kind}${kind === 'f' ? i : i + 1}]`),
  );
  try {
    const first = makeFolder();
    sink.state.refuses = 3;
    const { acked } = await live(first, configure(first, sink.url), { LARSEN_KILL_COUNT: join(first, 'calls') });
    expect(acked.length).toBe(2 * (2 * STEPS - 1));
    expect(missingOf([...acked, ...all], sink.lines)).toEqual([]);
    const calls = Number(readFileSync(join(first, 'calls'), 'utf8'));
    expect(calls).toBeGreaterThan(40);
    const kills = KILLS === 'all' ? calls : Number(KILLS);
    let killed = 0;
    for (let i = 0; i < kills; i++) {
      const at =
        KILLS === 'all' ? i : Math.floor(((i % calls) + Math.random()) * (calls / Math.min(kills, calls))) % calls;
      const bytes = Math.floor(10 ** (Math.random() * 4.2));
      const folder = makeFolder();
      const fsync = FSYNC[i % FSYNC.length] as string;
      const config = configure(folder, sink.url, fsync);
      sink.lines.length = 0;
      sink.state.refuses = i % 3 === 0 ? 1000 : 3;
      const life = await live(folder, config, { LARSEN_KILL_AT: String(at), LARSEN_KILL_BYTES: String(bytes) });
      if (life.isKilled) killed++;
      sink.state.refuses = 0;
      const next = start(config, {});
      const missing = (): string[] => missingOf([...life.acked, ...all], sink.lines);
      for (const endMs = Date.now() + 10_000; missing().length > 0 && Date.now() < endMs; ) await sleep(10);
      next.kill('SIGKILL');
      expect({ at, bytes, fsync, missing: missing() }).toEqual({ at, bytes, fsync, missing: [] });
      rmSync(folder, { recursive: true, force: true });
    }
    // Lives differ in length; the last calls of one may be missing in another.
    expect(killed).toBeGreaterThan(0.6 * kills);
  } finally {
    sink.close();
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  }
}, 3_600_000);
