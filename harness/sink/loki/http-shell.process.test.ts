// Transfers at the embedded Loki's socket: an upload or an answer that takes longer than Loki's timeouts is cut off without
// a word, as Go's server does; one that is done in time is not, and its connection is used again, however often.

import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { createLokiCore, type LokiCore } from './core.ts';
import { type HttpShell, serveLoki } from './http-shell.ts';
import { defaultLimits } from './version.ts';

const BODY = JSON.stringify({ streams: [{ stream: { app: 'a' }, values: [['1790000000000000000', 'x']] }] });
const HEAD = `POST /loki/api/v1/push HTTP/1.1\r\nHost: loki\r\nContent-Type: application/json\r\nContent-Length: ${BODY.length}\r\n\r\n`;

let shell: HttpShell;
afterEach(() => shell[Symbol.asyncDispose]());

async function open(transferMs: number): Promise<HttpShell> {
  const core = createLokiCore({ version: '3.7', limits: defaultLimits('3.7') });
  shell = await serveLoki(core, { port: 0, wallNs: () => 1_790_000_000_000_000_000n, transferMs });
  return shell;
}

/** Sends the pieces `everyMs` apart; resolves to what came back when the connection is closed, or after `forMs`. */
async function talk(pieces: string[], everyMs: number, forMs: number): Promise<{ text: string; closed: boolean }> {
  const { url } = await open(300);
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  let text = '';
  let closed = false;
  socket.on('data', (bytes) => (text += bytes.toString()));
  socket.on('error', () => undefined);
  const ended = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  void ended.then(() => (closed = true));
  for (const [index, piece] of pieces.entries()) {
    setTimeout(() => socket.writable && socket.write(piece), index * everyMs);
  }
  await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, forMs))]);
  const answer = { text, closed };
  socket.destroy();
  return answer;
}

it('an upload slower than the read timeout is closed without an answer', async () => {
  const pieces = [HEAD, ...BODY].map(String);
  expect(await talk(pieces, 100, 3_000)).toEqual({ text: '', closed: true });
});

it('an answer that is not taken within the write timeout is cut off', async () => {
  const bytes = Buffer.alloc(64 * 1_048_576);
  const core: LokiCore = { entryCount: 0, handle: () => ({ status: 200, headers: {}, body: '', bytes }) };
  shell = await serveLoki(core, { port: 0, wallNs: () => 0n, transferMs: 300 });
  const socket = connect(Number(new URL(shell.url).port), '127.0.0.1').pause();
  socket.on('error', () => undefined);
  socket.write('GET /loki/api/v1/labels HTTP/1.1\r\nHost: loki\r\n\r\n');
  await new Promise((resolve) => setTimeout(resolve, 900));
  let taken = 0;
  socket.on('data', ({ length }) => {
    taken += length;
  });
  await once(socket.resume(), 'close');
  expect(taken).toBeLessThan(bytes.length);
});

it('uploads in time are answered, and the connection stays', async () => {
  const { text, closed } = await talk([HEAD + BODY, HEAD + BODY, HEAD + BODY], 200, 800);
  expect(text.match(/HTTP\/1\.1 204/g)).toHaveLength(3);
  expect(closed).toBe(false);
});

it('a connection that is used for long gathers nothing from push to push', async () => {
  const { url } = await open(30_000);
  const warnings: Error[] = [];
  const note = (warning: Error): number => warnings.push(warning);
  process.on('warning', note);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const push = (): Promise<boolean> =>
    new Promise((resolve, reject) => {
      const sent = request(`${url}/loki/api/v1/push`, { method: 'POST', agent }, (response) =>
        response.resume().on('end', () => resolve(sent.reusedSocket)),
      );
      sent.on('error', reject).setHeader('content-type', 'application/json').end(BODY);
    });
  const reused: boolean[] = [];
  for (let count = 0; count < 20; count++) reused.push(await push());
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', note);
  agent.destroy();
  expect(reused.filter(Boolean)).toHaveLength(19);
  expect(warnings.map(({ message }) => message)).toEqual([]);
});
