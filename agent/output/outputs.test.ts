// Every output in virtual time: what it sends, and what it makes of the answers that are its own.

import { expect, test } from 'vitest';
import { FakeFiles, systemError } from '../testing/fake-files.ts';
import type { Script } from '../testing/fake-net.ts';
import { eventTime, message } from '../testing/forward-messages.ts';
import { startAgent } from '../testing/start-agent.ts';

type World = Awaited<ReturnType<typeof startAgent>>;

async function start(output: string, script?: Script, files = new FakeFiles(), more = '') {
  return startAgent(`outputs: [{ ${output} }]\n${more}`, files, script);
}

function send(world: World, lines: readonly string[]): void {
  const sender = world.connect();
  for (const [i, log] of lines.entries())
    sender.send(message({ log, tag: i % 2 ? 'b.two' : 'a.one', time: eventTime(1_763_900_001 + i, 5) }));
}

const rows = (body: Uint8Array): string[] => Buffer.from(body).toString().trimEnd().split('\n');

test('loki in JSON, with tenant and basic auth; bearer wins', async () => {
  const world = await start(
    'type: loki, url: "http://sink", format: json, tenant: t, basicAuth: { username: u, password: p }',
  );
  send(world, ['x']);
  await world.clock.advance(1000);
  const [push] = world.net.pushes;
  expect(push?.headers).toMatchObject({ 'X-Scope-OrgID': 't', Authorization: 'Basic dTpw' });
  expect(JSON.parse(rows(push?.body as Uint8Array)[0] as string)).toEqual({
    streams: [
      {
        stream: { app: 'a', instance: 'host-1', service: 'one', tag: 'a.one' },
        values: [['1763900001000000005', 'x']],
      },
    ],
  });
  const bearer = await start('type: loki, url: "http://sink", bearerToken: secret');
  send(bearer, ['x']);
  await bearer.clock.advance(1000);
  expect(bearer.net.pushes[0]?.headers).toMatchObject({ Authorization: 'Bearer secret' });
});

test('elasticsearch: what is refused is counted, what is there already is a success, 429 sends all again with the same ids', async () => {
  const bodies: string[][] = [];
  const world = await start('type: elasticsearch, url: "http://es", index: web', (push, n) => {
    bodies.push(rows(push.body));
    const items = (statuses: number[]) => statuses.map((status) => ({ create: { status } }));
    if (n === 0) return { status: 200, body: JSON.stringify({ errors: true, items: items([201, 429, 201]) }) };
    return { status: 200, body: JSON.stringify({ errors: true, items: items([409, 201, 400]) }) };
  });
  send(world, ['x', 'y', 'z']);
  await world.clock.advance(5000);
  expect(world.net.pushes[0]?.url).toBe('http://es/_bulk?filter_path=errors,items.*.status');
  expect(bodies.length).toBe(2);
  expect(bodies[0]).toEqual(bodies[1]);
  expect(JSON.parse(bodies[0]?.[1] as string)).toMatchObject({
    '@timestamp': '2025-11-23T12:13:21.000000005Z',
    message: 'x',
    app: 'a',
  });
  expect(world.metric('records_sent_total')).toBe(2);
  expect(world.metric('records_rejected_total')).toBe(1);
  expect(world.books()).toEqual({ received: 3, accounted: 3 });
});

test.each(['<html>', '{}', '{"errors":true,"items":[]}'])(
  'elasticsearch: %s is no answer of _bulk, and nothing counts as sent',
  async (body) => {
    const world = await start('type: elasticsearch, url: "http://es"', () => ({ status: 200, body }));
    send(world, ['x']);
    await world.clock.advance(5000);
    expect(world.metric('records_sent_total')).toBe(0);
    expect(world.agent.health().healthy).toBe(false);
  },
);

test('splunk: with acks a batch is sent when the indexers say so, and not before', async () => {
  let asked = 0;
  const world = await start('type: splunk, url: "http://hec", token: t0, index: main, ack: true', (push) => {
    if (push.url.endsWith('/event')) return { status: 200, body: '{"text":"Success","code":0,"ackId":7}' };
    return { status: 200, body: `{"acks":{"7":${++asked > 2}}}` };
  });
  send(world, ['x']);
  await world.clock.advance(2500);
  expect(world.metric('records_sent_total')).toBe(0);
  await world.clock.advance(2000);
  expect(world.metric('records_sent_total')).toBe(1);
  const [event] = world.net.pushes;
  expect(event?.headers).toMatchObject({
    Authorization: 'Splunk t0',
    'X-Splunk-Request-Channel': expect.stringMatching(/^[0-9a-f]{8}-/),
  });
  expect(JSON.parse(rows(event?.body as Uint8Array)[0] as string)).toMatchObject({
    ...{ event: 'x', index: 'main', host: 'host-1', time: '1763900001.000000005', fields: { app: 'a' } },
  });
});

test('splunk: a token without acks is said to be one, and an ack that never comes is a retry', async () => {
  const none = await start('type: splunk, url: "http://hec", token: t0, ack: true', () => ({
    status: 200,
    body: '{"code":0}',
  }));
  send(none, ['x']);
  await none.clock.advance(3000);
  expect(none.agent.health().reason).toContain('no ackId');
  const never = await start('type: splunk, url: "http://hec", token: t0, ack: true, timeout: 3s', (push) => ({
    status: 200,
    body: push.url.endsWith('/event') ? '{"ackId":1}' : '{"acks":{"1":false}}',
  }));
  send(never, ['x']);
  await never.clock.advance(10_000);
  expect(never.metric('retries_total')).toBeGreaterThan(0);
});

/** A central agent behind the Forward output of another one, joined by bytes. */
async function chain(sender: string, receiver: string) {
  const central = await startAgent(receiver);
  const host = await start(sender);
  const state = { cut: false };
  host.net.farEnds.set('tcp://central:24224', connector(central, state));
  return { host, central, state };
}

function connector(central: World, state: { cut: boolean }) {
  let open: ReturnType<World['connect']> | undefined;
  let seen = 0;
  return (bytes: Buffer, answer: (bytes: Uint8Array) => void, end: () => void): void => {
    if (bytes.length === 0) {
      open = central.connect();
      seen = 0;
    } else if (state.cut) {
      state.cut = false;
      open?.send(bytes);
      end();
      return;
    } else open?.send(bytes);
    for (const reply of open?.answers.slice(seen) ?? []) answer(reply);
    seen = open?.answers.length ?? 0;
  };
}

test('forward: host agent to central agent, with acks, tags and times kept; after a cut the batch is sent again', async () => {
  const { host, central, state } = await chain('type: forward, url: "tcp://central:24224"', '');
  send(host, ['x', 'y']);
  await host.clock.advance(1000);
  await central.clock.advance(1000);
  expect(host.metric('records_sent_total')).toBe(2);
  expect(
    central.entries().map(({ labels, ns, line }) => [/tag="([^"]+)"/.exec(labels)?.[1], ns, line.toString()]),
  ).toEqual([
    ['a.one', 1_763_900_001_000_000_005n, 'x'],
    ['b.two', 1_763_900_002_000_000_005n, 'y'],
  ]);
  state.cut = true;
  send(host, ['z']);
  await host.clock.advance(5000);
  expect(host.metric('records_sent_total')).toBe(3);
  expect(host.metric('retries_total')).toBe(1);
  expect(host.net.connects).toBe(2);
});

test('forward: shared key and user; a wrong key is a setting, not a retry', async () => {
  const receiver =
    'inputs: [{ type: forward, url: "unix:///agent.sock", security: { sharedKey: k, hostname: c, users: { u: p } } }]';
  const output = (key: string) =>
    `type: forward, url: "tcp://central:24224", security: { sharedKey: ${key}, hostname: h, username: u, password: p }`;
  const right = await chain(output('k'), receiver);
  send(right.host, ['x']);
  await right.host.clock.advance(1000);
  expect(right.host.metric('records_sent_total')).toBe(1);
  const wrong = await chain(output('other'), receiver);
  send(wrong.host, ['x']);
  await wrong.host.clock.advance(1000);
  expect(wrong.host.metric('records_sent_total')).toBe(0);
  expect(wrong.host.agent.health().reason).toContain('shared key');
});

test('forward: a far end that never acks is a timeout, and nothing counts as sent', async () => {
  const world = await start('type: forward, url: "tcp://c:1", timeout: 2s');
  world.net.farEnds.set('tcp://c:1', () => {});
  send(world, ['x']);
  await world.clock.advance(10_000);
  expect(world.metric('records_sent_total')).toBe(0);
  expect(world.metric('retries_total')).toBeGreaterThan(1);
});

test('gelf: JSON ended by NUL; a refused connection is tried again', async () => {
  const world = await start('type: gelf, url: "tcp://g:1"');
  send(world, ['x']);
  await world.clock.advance(1500);
  expect(world.metric('retries_total')).toBeGreaterThan(0);
  const got: string[] = [];
  world.net.farEnds.set('tcp://g:1', (bytes) => void got.push(bytes.toString()));
  await world.clock.advance(5000);
  const text = got.join('');
  expect(text.endsWith('\0')).toBe(true);
  expect(JSON.parse(text.slice(0, -1))).toMatchObject({
    version: '1.1',
    host: 'host-1',
    short_message: 'x',
    _app: 'a',
  });
});

test('file: rotated, bounded, and after a failed write nothing is there twice or torn', async () => {
  const files = new FakeFiles();
  await files.makeFolder('/out');
  const world = await start('type: file, path: /out/log, form: line, bytesMax: 64KiB, filesMax: 3', undefined, files);
  for (let i = 0; i < 30; i++) {
    if (i === 5)
      files.fail = (_n, call) => (call === 'write' ? { written: 10, error: systemError('ENOSPC') } : undefined);
    if (i === 6) files.fail = () => undefined;
    send(world, [`${i}:`.padEnd(9000, 'x')]);
    await world.clock.advance(1100);
  }
  await world.clock.advance(5000);
  expect(files.paths).toEqual(['/out/log', '/out/log.1', '/out/log.2']);
  const all = ['/out/log.2', '/out/log.1', '/out/log'].flatMap((path) => rows(files.content(path)));
  expect(all.map((row) => Number.parseInt(row, 10))).toEqual(
    Array.from({ length: all.length }, (_, i) => 30 - all.length + i),
  );
  expect(all.every((row) => row.length === 9000)).toBe(true);
  expect(world.metric('records_sent_total')).toBe(30);
});

test('stdout prints JSON, null takes everything', async () => {
  const world = await startAgent('outputs: [{ type: stdout }, { type: "null" }]');
  send(world, ['x']);
  await world.clock.advance(1000);
  expect(JSON.parse(world.printed.join(''))).toMatchObject({
    time: '2025-11-23T12:13:21.000000005Z',
    labels: { app: 'a' },
    line: 'x',
  });
  expect(world.agent.metrics()).toContain('records_sent_total{app="a",output="null"} 1');
});
