import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { startAgent } from '../testing/start-agent.ts';

const AT = 1_763_900_000;

async function run(
  input: string,
  act: (world: Awaited<ReturnType<typeof startAgent>>) => void | Promise<void>,
  more = '',
) {
  const world = await startAgent(`inputs: [ ${input} ]\n${more}`);
  await act(world);
  await world.clock.advance(5000);
  const { received, accounted } = world.books();
  expect(accounted).toBe(received);
  const entries = world.entries().map(({ labels, line, ns }) => ({
    app: /app="([^"]*)"/.exec(labels)?.[1],
    line: line.toString(),
    seconds: Number(ns / 1_000_000_000n),
  }));
  return { ...world, stored: entries };
}

const open = (world: Awaited<ReturnType<typeof startAgent>>, url: string) => {
  const sender = world.net.connect(url);
  if (sender === undefined) throw new Error('refused');
  return sender;
};

test('syslog over a stream: counted and by lines, old and new, cut anywhere', async () => {
  const modern = `<14>1 ${new Date(AT * 1000).toISOString()} box shop 7 - - hello`;
  const { stored } = await run('{ type: syslog, url: "tcp://0.0.0.0:601" }', (world) => {
    const sender = open(world, 'tcp://0.0.0.0:601');
    const wire = Buffer.from(`${modern.length} ${modern}<13>shop[1]: old\nplain\n`);
    for (const byte of wire) sender.send(Uint8Array.of(byte));
    sender.send(Buffer.from('last'));
    sender.end();
  });
  expect(stored.map(({ app, line }) => [app, line])).toEqual(
    expect.arrayContaining([
      ['shop', 'hello'],
      ['shop', 'old'],
      ['syslog', 'plain'],
      ['syslog', 'last'],
    ]),
  );
  expect(stored.find(({ line }) => line === 'hello')?.seconds).toBe(AT);
});

test('syslog over datagrams: one message each, raw where asked', async () => {
  for (const url of ['udp://0.0.0.0:514', 'unixgram:///dev/log']) {
    const { stored } = await run(
      `{ type: syslog, url: "${url}", line: raw, tag: host, tagFrom: always }`,
      ({ net }) => {
        net.sendDatagram(url, Buffer.from('<13>shop[1]: a\n'));
        net.sendDatagram(url, Buffer.from('\n'));
      },
    );
    expect(stored).toMatchObject([{ app: 'host', line: '<13>shop[1]: a' }]);
  }
});

test('a stream that cannot be framed is closed; what it sent before stays', async () => {
  const { stored, metric } = await run('{ type: syslog, url: "unix:///s.sock" }', (world) => {
    const sender = open(world, 'unix:///s.sock');
    sender.send(Buffer.from('<1>ok\n99999999999 x'));
    expect(sender.state.closed).toBe(true);
  });
  expect([stored.length, metric('connections_closed_total')]).toEqual([1, 1]);
});

test('GELF over datagrams and streams, with the names that Docker gives', async () => {
  const url = 'udp://0.0.0.0:12201';
  const gelf = (line: string) =>
    JSON.stringify({ host: 'box', short_message: line, timestamp: AT, _tag: 'web.x', _container_name: 'web-1' });
  const { stored, metric } = await run(
    `{ type: gelf, url: "${url}" }, { type: gelf, url: "tcp://0.0.0.0:1" }`,
    (world) => {
      world.net.sendDatagram(url, gzipSync(gelf('packed')));
      const whole = Buffer.from(gelf('in chunks'));
      const half = whole.length >> 1;
      const head = (n: number) => Buffer.from([0x1e, 0x0f, 1, 2, 3, 4, 5, 6, 7, 8, n, 2]);
      world.net.sendDatagram(url, Buffer.concat([head(1), whole.subarray(half)]));
      world.net.sendDatagram(url, Buffer.concat([head(0), whole.subarray(0, half)]));
      world.net.sendDatagram(url, Buffer.from('nonsense'));
      const sender = open(world, 'tcp://0.0.0.0:1');
      sender.send(Buffer.from(`${gelf('one')}\0{}\0${gelf('two')}\0`));
    },
  );
  expect(stored.map(({ app, line }) => `${app} ${line}`).sort()).toEqual([
    'web in chunks',
    'web one',
    'web packed',
    'web two',
  ]);
  expect(new Set(stored.map(({ seconds }) => seconds))).toEqual(new Set([AT]));
  expect(metric('malformed_total')).toBe(2);
});

test('an own line of an agent is dropped through any input', async () => {
  const own = '^larsen-agent:00112233445566aa^ warn W_X trouble';
  const inputs = '{ type: syslog, url: "udp://0.0.0.0:514" }, { type: gelf, url: "udp://0.0.0.0:12201" }';
  const { stored, metric } = await run(inputs, ({ net }) => {
    net.sendDatagram('udp://0.0.0.0:514', Buffer.from(`<30>Nov 24 22:01:02 host agent[1]: ${own}`));
    net.sendDatagram('udp://0.0.0.0:12201', Buffer.from(JSON.stringify({ short_message: own })));
  });
  expect([stored.length, metric('self_records_total')]).toEqual([0, 2]);
});

test('under block a stream is not read, and datagrams that come meanwhile are counted', async () => {
  const inputs = '{ type: syslog, url: "udp://0.0.0.0:514" }, { type: syslog, url: "tcp://0.0.0.0:601" }';
  const { metric } = await run(
    inputs,
    async (world) => {
      world.net.script = () => 'silence';
      const sender = open(world, 'tcp://0.0.0.0:601');
      for (let i = 0; i < 2000 && !sender.state.paused; i++) {
        const noise = Buffer.from(Array.from({ length: 8000 }, () => 33 + Math.floor(Math.random() * 90)));
        world.net.sendDatagram('udp://0.0.0.0:514', noise);
      }
      expect(sender.state.paused).toBe(true);
      world.net.sendDatagram('udp://0.0.0.0:514', Buffer.from('lost'));
    },
    'buffer: { memoryMax: 4MiB, policy: block }\n',
  );
  expect(metric('datagrams_dropped_total')).toBe(1);
});

test('unfinished messages of all connections are bounded: who holds most goes, and others are served', async () => {
  const world = await startAgent('inputs: [ { type: gelf, url: "unix:///agent.sock", messageMax: 1MiB } ]\n');
  const honest = world.connect();
  const greedy = Array.from({ length: 100 }, () => world.connect());
  const gelf = Buffer.from(`${JSON.stringify({ host: 'h', short_message: 'honest' })}\0`);
  honest.send(gelf.subarray(0, 10));
  for (let i = 0; i < 10; i++) for (const sender of greedy) sender.send(Buffer.alloc(65_536, 0x20));
  honest.send(gelf.subarray(10));
  await world.clock.advance(2000);
  const open = greedy.filter(({ state }) => !state.closed).length;
  expect([open > 0, open <= 24, honest.state.closed]).toEqual([true, true, false]);
  expect(world.entries().map(({ line }) => line.toString())).toContain('honest');
  expect(world.metric('connections_closed_total')).toBe(100 - open);
  for (const sender of greedy) sender.end();
  const again = Array.from({ length: 10 }, () => world.connect());
  for (const sender of again) sender.send(Buffer.alloc(65_536, 0x20));
  expect(again.filter(({ state }) => state.closed)).toEqual([]);
});
