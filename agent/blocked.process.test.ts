// The built program while what it writes to stands still: its socket is read all the same. And what it says of its own
// standstill, and of a stop that is cut short.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { message } from './testing/forward-messages.ts';
import { freePort, openSmallLoki } from './testing/small-loki.ts';
import { sleep, until } from './testing/until.ts';

const program = fileURLToPath(new URL('../dist/agent/main.js', import.meta.url));
let folder: string;
let ends: (() => void)[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'larsen-blocked-'));
});

afterEach(() => {
  for (const end of ends) end();
  ends = [];
  rmSync(folder, { recursive: true, force: true });
});

/** A pipe that is full, and that nobody reads: to be a program's output. */
function makeFullPipe(name: string): number {
  const path = join(folder, name);
  execFileSync('mkfifo', [path]);
  const filler = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  const fd = openSync(path, constants.O_RDWR);
  ends.push(() => {
    closeSync(filler);
    closeSync(fd);
  });
  for (const size of [4096, 1])
    try {
      for (;;) writeSync(filler, Buffer.alloc(size));
    } catch (error) {
      expect((error as NodeJS.ErrnoException).code).toBe('EAGAIN');
    }
  return fd;
}

function start(config: string, stdio: (number | 'ignore' | 'pipe')[]): ChildProcess {
  const file = join(folder, 'agent.yaml');
  writeFileSync(file, config);
  const child = spawn(process.execPath, [program, '--config', file], { stdio: ['ignore', ...stdio] });
  ends.push(() => void child.kill('SIGKILL'));
  return child;
}

const open = (path: string): Promise<Socket> =>
  until(async () => {
    const socket = connect(path);
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).on('error', () => resolve(false));
    });
    return isOpen ? socket : undefined;
  });

/** Sends lines and resolves when each is acked. */
async function sendAll(socket: Socket, count: number, size: number): Promise<string[]> {
  let answers = '';
  socket.on('data', (bytes: Buffer) => {
    answers += bytes.toString('latin1');
  });
  const ids = Array.from({ length: count }, (_, i) => `[${i}]`);
  for (const id of ids) socket.write(message({ log: `${id}${'x'.repeat(size)}`, option: { chunk: id } }));
  await until(() => answers.includes(ids.at(-1) as string));
  return ids.filter((id) => answers.includes(id));
}

async function openSink() {
  const state = { isUp: false };
  const loki = await openSmallLoki(() => (state.isUp ? 204 : 500));
  ends.push(loki.close);
  return { state, url: loki.url, lines: loki.lines };
}

test('stdout and stderr full, Loki refusing: each of 3,000 lines is read and acked, the pages answer, SIGTERM ends it', async () => {
  const { url } = await openSink();
  const port = await freePort();
  const child = start(
    `inputs: [ { type: forward, url: "unix://${folder}/agent.sock" } ]
outputs: [ { type: loki, url: "${url}", retry: { min: 20ms, max: 50ms } }, { type: stdout } ]
http: { listen: "127.0.0.1:${port}" }
drainWithin: 500ms
`,
    [makeFullPipe('stdout'), makeFullPipe('stderr')],
  );
  const socket = await open(join(folder, 'agent.sock'));
  expect((await sendAll(socket, 3000, 1000)).length).toBe(3000);
  const page = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  expect(page).toContain('larsen_agent_records_received_total{app="video"} 3000');
  expect(page).toContain('larsen_agent_stalls_total 0');
  expect((await sendAll(await open(join(folder, 'agent.sock')), 100, 10)).length).toBe(100);
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  expect(await exited).toBe(1);
});

test('an agent that was held says so, and goes on', async () => {
  const { url, state } = await openSink();
  state.isUp = true;
  const child = start(
    `inputs: [ { type: forward, url: "unix://${folder}/agent.sock" } ]\noutputs: [ { type: loki, url: "${url}" } ]\n`,
    ['ignore', 'pipe'],
  );
  let said = '';
  child.stderr?.on('data', (bytes: Buffer) => {
    said += bytes.toString();
  });
  await until(() => said.includes('I_STARTED'));
  const socket = await open(join(folder, 'agent.sock'));
  child.kill('SIGSTOP');
  await sleep(2200);
  child.kill('SIGCONT');
  await until(() => /W_STALLED nothing was done for [12]\.\d s/.test(said));
  expect((await sendAll(socket, 10, 10)).length).toBe(10);
});

test('a second SIGTERM leaves at once; with a disk buffer nothing that was acked is lost by it', async () => {
  const { url, state, lines } = await openSink();
  const config = `inputs: [ { type: forward, url: "unix://${folder}/agent.sock" } ]
outputs: [ { type: loki, url: "${url}", retry: { max: 100ms } } ]
buffer: { type: disk, path: "${folder}/buffer" }
drainWithin: 60s
`;
  const child = start(config, ['ignore', 'ignore']);
  const acked = await sendAll(await open(join(folder, 'agent.sock')), 500, 100);
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await sleep(100);
  const secondMs = Date.now();
  child.kill('SIGTERM');
  expect(await exited).toBe(143);
  expect(Date.now() - secondMs).toBeLessThan(1000);
  expect(lines).toEqual([]);
  state.isUp = true;
  start(config, ['ignore', 'ignore']);
  await until(() => {
    const stored = lines.join('');
    return acked.every((id) => stored.includes(id));
  });
  expect(acked.length).toBe(500);
});
