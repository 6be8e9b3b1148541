// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the agent fills these in, not JavaScript.

// The built program as its user meets it: real sockets, real signals, a small Loki of the test's own.

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { message } from './testing/forward-messages.ts';
import { freePort, openSmallLoki } from './testing/small-loki.ts';
import { until } from './testing/until.ts';

const program = fileURLToPath(new URL('../dist/agent/main.js', import.meta.url));
let folder: string;
let children: ChildProcess[] = [];
let servers: { close(): void }[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'larsen-agent-'));
});

afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  for (const server of servers) server.close();
  children = [];
  servers = [];
  rmSync(folder, { recursive: true, force: true });
});

function start(config: string, env: Record<string, string> = {}) {
  const file = join(folder, 'agent.yaml');
  writeFileSync(file, config);
  const child = spawn(process.execPath, [program, '--config', file], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH ?? '', ...env },
  });
  children.push(child);
  const state = { stderr: '' };
  child.stderr.on('data', (chunk: Buffer) => {
    state.stderr += chunk.toString();
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return { child, state, exited };
}

async function startLoki(answer?: (n: number) => number) {
  const loki = await openSmallLoki(answer);
  servers.push(loki);
  return loki;
}

async function open(address: string | number): Promise<Socket> {
  const socket = typeof address === 'string' ? connect(address) : connect(address, '127.0.0.1');
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  return socket;
}

const fromEnvironment =
  'inputs: [ { type: forward, url: "${LARSEN_FORWARD_URL}" } ]\noutputs: [ { type: loki, url: "${LARSEN_SINK_URL}" } ]\nhttp: { listen: "127.0.0.1:${LARSEN_HTTP_PORT}" }\n';

test('10,000 lines over a unix socket arrive once each, pages answer, SIGTERM ends with 0 and removes the socket', async () => {
  const loki = await startLoki();
  const path = join(folder, 'agent.sock');
  const port = await freePort();
  const { child, exited, state } = start(fromEnvironment, {
    LARSEN_FORWARD_URL: `unix://${path}`,
    LARSEN_SINK_URL: loki.url,
    LARSEN_HTTP_PORT: String(port),
  });
  await until(() => state.stderr.includes('I_STARTED'));
  const sender = await open(path);
  const sent = Array.from({ length: 10_000 }, (_, i) => `line ${i} `.padEnd(200, 'x'));
  for (const log of sent) sender.write(message({ log }));
  await until(() => loki.lines.length >= 9000);
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  expect(metrics).toContain('larsen_agent_records_received_total{app="video"} 10000');
  expect(await (await fetch(`http://127.0.0.1:${port}/health`)).json()).toEqual({ status: 'healthy' });
  child.kill('SIGTERM');
  expect(await exited).toBe(0);
  expect(loki.lines).toEqual(sent);
  expect(existsSync(path)).toBe(false);
  expect(state.stderr).toContain('received 10000, sent 10000');
});

test('TCP with acks, and what was sent right before SIGTERM', async () => {
  const loki = await startLoki();
  const port = await freePort();
  const { child, exited, state } = start(
    `inputs: [ { type: forward, url: "tcp://127.0.0.1:${port}" } ]\noutputs: [ { type: loki, url: "${loki.url}" } ]\n`,
  );
  await until(() => state.stderr.includes('I_STARTED'));
  const sender = await open(port);
  let acks = Buffer.alloc(0);
  sender.on('data', (chunk: Buffer) => {
    acks = Buffer.concat([acks, chunk]);
  });
  for (let i = 0; i < 100; i++) sender.write(message({ log: `${i}`, option: { chunk: `c${i % 10}` } }));
  child.kill('SIGTERM');
  sender.end();
  expect(await exited).toBe(0);
  expect(loki.lines.length).toBe(100);
  expect(acks.length).toBe(100 * 8);
});

test('a sink that fails for a while costs nothing', async () => {
  const loki = await startLoki((n) => (n < 3 ? 500 : 204));
  const path = join(folder, 'agent.sock');
  const { child, exited, state } = start(
    `inputs: [ { type: forward, url: "unix://${path}" } ]\noutputs: [ { type: loki, url: "${loki.url}" } ]\n`,
  );
  await until(() => state.stderr.includes('I_STARTED'));
  const sender = await open(path);
  for (let i = 0; i < 50; i++) sender.write(message({ log: `${i}` }));
  await until(() => loki.lines.length === 50);
  child.kill('SIGTERM');
  expect(await exited).toBe(0);
});

test('what cannot be delivered in time is given up with exit code 1, a second signal ends at once', async () => {
  const path = join(folder, 'agent.sock');
  const config = `inputs: [ { type: forward, url: "unix://${path}" } ]\noutputs: [ { type: loki, url: "http://127.0.0.1:9" } ]\ndrainWithin: 1s\n`;
  const first = start(config);
  // The file is there before anybody listens at it.
  await until(() => first.state.stderr.includes('I_STARTED'));
  (await open(path)).write(message());
  await until(() => first.state.stderr.includes('W_PUSH_RETRY'));
  first.child.kill('SIGTERM');
  expect(await first.exited).toBe(1);
  expect(first.state.stderr).toContain('abandoned 1');
  const second = start(config.replace('1s', '60s'));
  await until(() => second.state.stderr.includes('I_STARTED'));
  (await open(path)).write(message());
  await until(() => second.state.stderr.includes('W_PUSH_RETRY'));
  second.child.kill('SIGTERM');
  await new Promise((resolve) => setTimeout(resolve, 100));
  second.child.kill('SIGTERM');
  expect(await second.exited).toBe(143);
});

test('a socket file left by a killed agent is replaced, a live one is not stolen', async () => {
  const path = join(folder, 'agent.sock');
  const config = `inputs: [ { type: forward, url: "unix://${path}" } ]\noutputs: [ { type: loki, url: "http://127.0.0.1:9" } ]\n`;
  const killed = start(config);
  await until(() => killed.state.stderr.includes('I_STARTED'));
  const thief = start(config);
  expect(await thief.exited).toBe(254);
  expect(thief.state.stderr).toContain('E_LISTEN: cannot listen at unix://');
  killed.child.kill('SIGKILL');
  await killed.exited;
  expect(existsSync(path)).toBe(true);
  const next = start(config);
  await until(() => next.state.stderr.includes('I_STARTED'));
  (await open(path)).destroy();
});

test.each([
  ['a missing variable', fromEnvironment, {}, 'E_CONFIG_ENV'],
  ['a slip in a key', 'inputs: []\nouputs: []\n', {}, 'did you mean `outputs`?'],
  [
    'a folder that does not exist',
    fromEnvironment,
    { LARSEN_FORWARD_URL: 'unix:///nowhere/agent.sock', LARSEN_SINK_URL: 'http://x', LARSEN_HTTP_PORT: '0' },
    'its directory does not exist; create it',
  ],
  [
    'a socket path that the system would cut',
    fromEnvironment,
    { LARSEN_FORWARD_URL: `unix:///tmp/${'x'.repeat(120)}`, LARSEN_SINK_URL: 'http://x', LARSEN_HTTP_PORT: '0' },
    'at most 107 bytes',
  ],
  [
    'a port that cannot be',
    fromEnvironment,
    { LARSEN_FORWARD_URL: 'tcp://127.0.0.1:99999', LARSEN_SINK_URL: 'http://x', LARSEN_HTTP_PORT: '0' },
    'Expected a port from 0 to 65535',
  ],
  [
    'a path that is a folder',
    fromEnvironment,
    { LARSEN_FORWARD_URL: 'unix:///tmp', LARSEN_SINK_URL: 'http://x', LARSEN_HTTP_PORT: '0' },
    'the path exists and is no socket',
  ],
])('%s ends with 254 and a sentence', async (_, config, env, text) => {
  const { exited, state } = start(config, env as Record<string, string>);
  expect(await exited).toBe(254);
  expect(state.stderr).toContain(text);
});

test('a port in use ends with 254 and says so', async () => {
  const loki = await startLoki();
  const port = new URL(loki.url).port;
  const { exited, state } = start(fromEnvironment, {
    LARSEN_FORWARD_URL: `unix://${join(folder, 'a.sock')}`,
    LARSEN_SINK_URL: loki.url,
    LARSEN_HTTP_PORT: port,
  });
  expect(await exited).toBe(254);
  expect(state.stderr).toContain('E_HTTP_LISTEN');
  expect(state.stderr).toContain('in use');
});
