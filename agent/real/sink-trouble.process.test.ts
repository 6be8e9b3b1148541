// What goes wrong at the socket of a receiver, on real sockets: the whole agent pushes to a receiver that misbehaves for its
// first requests. In the end everything is stored, the books are closed, and it did not push without end.

import { execFileSync } from 'node:child_process';
import dns from 'node:dns';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { parseConfig } from '../config/parse.ts';
import { createAgent } from '../index.ts';
import { FakeNet } from '../testing/fake-net.ts';
import { message } from '../testing/forward-messages.ts';
import { openRawSink, type RawRequest } from '../testing/raw-sink.ts';
import { sumMetric } from '../testing/sum-metric.ts';
import { sleep, until } from '../testing/until.ts';
import { createRealPorts } from './ports.ts';
import { createPoster } from './post.ts';

const folder = mkdtempSync(join(tmpdir(), 'larsen-sink-'));
const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  for (const end of ends.splice(0).reverse()) await end();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The agent: its senders are fake, its way out is real. */
async function start(outputs: string, ports = createRealPorts()) {
  const senders = new FakeNet();
  const lines: string[] = [];
  const config = parseConfig(
    `inputs: [{ type: forward, url: "unix:///a.sock" }]
outputs: [ ${outputs} ]
labels: { instance: host }
batch: { ageMax: 10ms }
drainWithin: 200ms`,
    { name: 'test', env: {} },
  );
  const agent = await createAgent(config, {
    ...ports,
    net: { ...ports.net, listen: (options) => senders.listen(options) },
    log: { write: (line) => void lines.push(line) },
  });
  ends.push(() => agent.stop());
  const sender = senders.connect('unix:///a.sock');
  const count = (name: string, having = ''): number => sumMetric(agent.metrics(), name, having);
  return { agent, lines, count, send: (log: string) => sender?.send(message({ log })) };
}

const loki = (url: string, more = ''): string =>
  `{ type: loki, url: "${url}", timeout: 300ms, retry: { min: 20ms, max: 100ms, blocked: 200ms }, ${more} }`;

/** The first `TROUBLES` requests meet the trouble; one goes well before, so that connections are kept open. */
const TROUBLES = 3;

async function meet(trouble: (request: RawRequest) => void, outputs = loki) {
  const sink = await openRawSink((request) => {
    if (request.n >= 1 && request.n <= TROUBLES) trouble(request);
    else request.accept();
  });
  ends.push(() => sink.close());
  const world = await start(outputs(`http://127.0.0.1:${sink.port}`));
  world.send('first');
  await until(() => sink.state.stored.includes('first'));
  for (let i = 0; i < 5; i++) world.send(`line ${i}`);
  await until(() => world.count('records_sent_total') === 6);
  return { sink, ...world };
}

const lines = ['first', ...Array.from({ length: 5 }, (_, i) => `line ${i}`)];

test.each<[string, string, (request: RawRequest) => void]>([
  ['a reset before the answer', 'ECONNRESET', ({ socket }) => void socket.resetAndDestroy()],
  [
    'a reset in the middle of the answer, after the lines were stored',
    'ECONNRESET',
    ({ socket, store }) => {
      store();
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf', () => socket.resetAndDestroy());
    },
  ],
  [
    'an answer that ends too early',
    'ECONNRESET',
    ({ socket }) => void socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf'),
  ],
  ['an end instead of an answer', 'ECONNRESET', ({ socket }) => void socket.end()],
  ['an answer that never comes', 'timeout', () => {}],
  [
    'an answer whose head drips without end',
    'timeout',
    ({ socket }) => {
      socket.write('HTTP/1.1 204 No Content\r\nX: ');
      const timer = setInterval(() => socket.write('x'), 20);
      socket.on('close', () => clearInterval(timer));
    },
  ],
  [
    'an answer whose body drips past the timeout',
    'timeout',
    ({ socket }) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n');
      const timer = setInterval(() => socket.write('x'), 20);
      socket.on('close', () => clearInterval(timer));
    },
  ],
  ['what is no HTTP', 'HPE_INVALID_CONSTANT', ({ socket }) => void socket.write('SSH-2.0-OpenSSH_9.2\r\n')],
])('%s: pushed again until it is stored', async (_, status, trouble) => {
  const { sink, agent, count } = await meet(trouble);
  expect([...new Set(sink.state.stored)].sort()).toEqual([...lines].sort());
  expect(count('pushes_total', `status="${status}"`)).toBe(TROUBLES);
  expect(count('records_received_total')).toBe(6);
  expect(count('records_dropped_total') + count('records_rejected_total') + count('records_buffered')).toBe(0);
  expect(sink.state.requests).toBeLessThanOrEqual(2 + TROUBLES + 5);
  expect(agent.health()).toEqual({ healthy: true });
});

test('an answer that drips, but ends in time, is one', async () => {
  const { sink, count } = await meet(({ socket, store }) => {
    store();
    const answer = 'HTTP/1.1 204 No Content\r\n\r\n';
    for (let i = 0; i < answer.length; i++) setTimeout(() => socket.write(answer.charAt(i)), 5 * i);
  });
  expect(sink.state.stored.sort()).toEqual([...lines].sort());
  expect(count('retries_total')).toBe(0);
});

test('a half-open connection costs one timeout: the next push takes another connection', async () => {
  const sink = await openRawSink((request) => {
    if (request.n === 0 || request.connection > 0) request.accept();
  });
  ends.push(() => sink.close());
  const { send, count } = await start(loki(`http://127.0.0.1:${sink.port}`));
  send('before');
  await until(() => sink.state.stored.length === 1);
  send('after');
  await until(() => sink.state.stored.length === 2);
  expect([count('pushes_total', 'timeout'), sink.state.requests]).toEqual([1, 3]);
});

test('a name that moves to another address is found there, also while the old one still answers', async () => {
  const old = await openRawSink((request) => request.accept());
  ends.push(() => old.close());
  const moved = await openRawSink((request) => request.accept(), { host: '127.0.0.2', port: old.port });
  ends.push(() => moved.close());
  let address = '127.0.0.1';
  const lookup = (_name: string, options: { all?: boolean }, callback: (...args: unknown[]) => void): void => {
    const found = options.all ? [{ address, family: 4 }] : address;
    setImmediate(() => callback(null, found, 4));
  };
  vi.spyOn(dns, 'lookup').mockImplementation(lookup as never);
  const ports = createRealPorts();
  const young = { ...ports, net: { ...ports.net, post: createPoster(200) } };
  const { send, count } = await start(loki(`http://sink.test:${old.port}`), young);
  send('one');
  await until(() => old.state.stored.length === 1);
  address = '127.0.0.2';
  for (let i = 0; moved.state.stored.length === 0; i++) {
    send(`busy ${i}`);
    await sleep(20);
    if (i > 200) throw new Error('it stays with the old address');
  }
  await old.close();
  send('last');
  await until(() => moved.state.stored.includes('last'));
  expect(count('records_sent_total')).toBe(count('records_received_total'));
});

test('a refused connection, and then a receiver that is back: no storm before, nothing lost', async () => {
  const first = await openRawSink((request) => request.accept());
  const { port } = first;
  await first.close();
  const { send, count, lines: said } = await start(loki(`http://127.0.0.1:${port}`));
  for (let i = 0; i < 20; i++) send(`line ${i}`);
  await sleep(1000);
  const refused = count('pushes_total', 'ECONNREFUSED');
  expect([refused >= 5, refused <= 40]).toEqual([true, true]);
  expect(said.length).toBeLessThan(5);
  const sink = await openRawSink((request) => request.accept(), { port });
  ends.push(() => sink.close());
  await until(() => sink.state.stored.length === 20);
  expect(count('records_buffered')).toBe(0);
});

function makeCertificate(name: string, subject: string, more: string[] = []) {
  const files = { cert: join(folder, `${name}.pem`), key: join(folder, `${name}.key`) };
  const args = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'];
  const about = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=${subject}`];
  execFileSync('openssl', [...args, ...about, ...more, '-keyout', files.key, '-out', files.cert], { stdio: 'ignore' });
  return { ...files, tls: { cert: readFileSync(files.cert), key: readFileSync(files.key) } };
}

/** A certificate whose last day is long gone: `req` cannot make one, `x509` can. */
function expire({ cert, key }: { cert: string; key: string }) {
  const old = cert.replace('.pem', '-old.pem');
  const request = ['x509', '-in', cert, '-signkey', key, '-days', '-1', '-copy_extensions', 'copyall', '-out', old];
  execFileSync('openssl', request, { stdio: 'ignore' });
  return { cert: old, key, tls: { cert: readFileSync(old), key: readFileSync(key) } };
}

test('TLS: whom the config trusts is pushed to; a stranger, another name and one that has expired are settings', async () => {
  const good = makeCertificate('good', 'IP:127.0.0.1');
  const elsewhere = makeCertificate('elsewhere', 'DNS:other.example');
  const expired = expire(makeCertificate('expired', 'IP:127.0.0.1'));
  const cases = [
    { own: good.tls, ca: good.cert, status: '204' },
    { own: good.tls, ca: elsewhere.cert, status: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
    { own: elsewhere.tls, ca: elsewhere.cert, status: 'ERR_TLS_CERT_ALTNAME_INVALID' },
    { own: expired.tls, ca: expired.cert, status: 'CERT_HAS_EXPIRED' },
  ];
  for (const { own, ca, status } of cases) {
    const sink = await openRawSink((request) => request.accept(), { tls: own });
    ends.push(() => sink.close());
    const {
      send,
      count,
      agent,
      lines: said,
    } = await start(loki(`https://127.0.0.1:${sink.port}`, `tls: { ca: "${ca}" }`));
    send('over TLS');
    await until(() => count('pushes_total') > (status === '204' ? 0 : 1));
    const isGood = status === '204';
    expect([status, count('pushes_total', `status="${status}"`) > 0]).toEqual([status, true]);
    expect(sink.state.stored).toEqual(isGood ? ['over TLS'] : []);
    expect(count('records_buffered')).toBe(isGood ? 0 : 1);
    expect(agent.health().healthy).toBe(isGood);
    expect(said.some((line) => line.includes('W_SINK_TLS'))).toBe(!isGood);
  }
  const plain = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  });
  await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
  ends.push(async () => plain.close());
  const { send, count, lines: said } = await start(loki(`https://127.0.0.1:${(plain.address() as AddressInfo).port}`));
  send('to a plain port');
  await until(() => said.some((line) => line.includes('W_SINK_TLS')));
  expect(count('records_buffered')).toBe(1);
});
