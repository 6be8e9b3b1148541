// The whole agent in virtual time: bytes into a fake socket, pushes out of a fake network, read back with a decoder that
// shares no code with the encoder.

import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { eventTime, message, pack, record } from './testing/forward-messages.ts';
import { noise } from './testing/noise.ts';
import { readLines, readPush } from './testing/read-push.ts';
import { startAgent } from './testing/start-agent.ts';

const lines = (world: { entries(): { line: Buffer }[] }) => world.entries().map((entry) => entry.line.toString());

test('a line goes to Loki as it is, with the four labels and its time', async () => {
  const world = await startAgent();
  world.connect().send(message({ log: 'hello', time: eventTime(1_763_900_001, 42) }));
  await world.clock.advance(1000);
  expect(world.net.pushes[0]?.url).toBe('http://sink/loki/api/v1/push');
  expect(world.entries()).toEqual([
    {
      labels: '{app="video", instance="host-1", service="peertube", tag="video.peertube"}',
      ns: 1_763_900_001_000_000_042n,
      line: Buffer.from('hello'),
    },
  ]);
});

test('a tag without a dot is app and service at once', async () => {
  const world = await startAgent();
  world.connect().send(message({ tag: '8f3a00112233' }));
  await world.clock.advance(1000);
  expect(world.entries()[0]?.labels).toBe(
    '{app="8f3a00112233", instance="host-1", service="8f3a00112233", tag="8f3a00112233"}',
  );
});

test('app may come from the container name, and static labels join in', async () => {
  const world = await startAgent('labels: { app: container-name, instance: h, static: { env: prod } }');
  world
    .connect()
    .send(Buffer.concat([message({ tag: 't' }), message({ tag: 't', extra: { container_name: '/other' } })]));
  await world.clock.advance(1000);
  expect(world.entries().map((entry) => entry.labels)).toEqual([
    '{app="app", env="prod", instance="h", service="t", tag="t"}',
    '{app="other", env="prod", instance="h", service="t", tag="t"}',
  ]);
});

test('equal and backward times are moved on by a nanosecond, so that equal lines stay two entries in order', async () => {
  const world = await startAgent();
  const sender = world.connect();
  for (const time of [1_763_900_000, 1_763_900_000, 1_763_899_990, 1_763_900_001])
    sender.send(message({ log: 'same', time }));
  await world.clock.advance(1000);
  expect(world.entries().map((entry) => entry.ns)).toEqual([
    1_763_900_000_000_000_000n,
    1_763_900_000_000_000_001n,
    1_763_900_000_000_000_002n,
    1_763_900_001_000_000_000n,
  ]);
});

test('a record without usable time gets the time of arrival', async () => {
  const world = await startAgent();
  const sender = world.connect();
  for (const time of [0, -5, eventTime(4_000_000_000, 0), eventTime(1_763_900_000, 2_000_000_000)])
    sender.send(message({ time }));
  await world.clock.advance(1000);
  expect(
    world.entries().every((entry) => entry.ns >= 1_763_900_000_000_000_000n && entry.ns < 1_763_900_001_000_000_000n),
  ).toBe(true);
  expect(world.metric('times_replaced_total')).toBe(4);
});

test('messages may be cut anywhere between two reads', async () => {
  const stream = Buffer.concat([
    message({ log: 'first' }),
    message({ log: 'second', option: { chunk: 'c1' }, time: eventTime(1_763_900_001, 1) }),
    pack(null),
    message({ log: 'third', option: null }),
    message({ log: 'fourth', option: 'none' }),
  ]);
  for (let cut = 0; cut <= stream.length; cut++) {
    const world = await startAgent('batch: { decodedMax: 64KiB }\nlineMax: 32KiB');
    const sender = world.connect();
    sender.send(stream.subarray(0, cut));
    sender.send(stream.subarray(cut));
    await world.clock.advance(1000);
    expect(lines(world)).toEqual(['first', 'second', 'third', 'fourth']);
  }
});

test('messages may arrive byte by byte', async () => {
  const world = await startAgent();
  const sender = world.connect();
  for (const byte of Buffer.concat([message({ log: 'a' }), message({ log: Buffer.from([0xff, 0, 0xc3]) })]))
    sender.send(Uint8Array.of(byte));
  await world.clock.advance(1000);
  expect(world.entries().map((entry) => entry.line)).toEqual([Buffer.from('a'), Buffer.from([0xff, 0, 0xc3])]);
});

test('a message larger than the headroom arrives whole, whatever comes after it', async () => {
  const world = await startAgent('{ lineMax: 900KiB }'.slice(2, -2));
  const sender = world.connect();
  const stream = Buffer.concat([
    message({ log: 'before' }),
    message({ log: 'x'.repeat(700_000) }),
    message({ log: 'after' }),
    message({ log: 'y'.repeat(100_000) }),
    message({ log: 'end' }),
  ]);
  for (let at = 0; at < stream.length; at += 50_000) sender.send(stream.subarray(at, at + 50_000));
  await world.clock.advance(1000);
  expect(lines(world).map((line) => line.length)).toEqual([6, 700_000, 5, 100_000, 3]);
});

test('many connections with unfinished messages do not disturb each other', async () => {
  const world = await startAgent();
  const senders = Array.from({ length: 20 }, () => world.connect());
  const streams = senders.map((_, i) => Buffer.concat([message({ log: `a${i}` }), message({ log: `b${i}` })]));
  for (let at = 0; at < 400; at += 37)
    for (const [i, sender] of senders.entries()) sender.send(streams[i]!.subarray(at, at + 37));
  await world.clock.advance(1000);
  expect(lines(world).sort()).toEqual(senders.flatMap((_, i) => [`a${i}`, `b${i}`]).sort());
});

test('acks echo the chunk once the record is in the buffer', async () => {
  const world = await startAgent();
  const sender = world.connect();
  sender.send(Buffer.concat([message({ option: { chunk: 'g17YXAAAAACId2ZVRDMiEQ==' } }), message()]));
  expect(Buffer.concat(sender.answers).toString('hex')).toBe(
    `81a361636bb8${Buffer.from('g17YXAAAAACId2ZVRDMiEQ==').toString('hex')}`,
  );
});

test('Forward, PackedForward and CompressedPackedForward are taken, acks included', async () => {
  const world = await startAgent();
  const sender = world.connect();
  const entry = (log: string) => [eventTime(1_763_900_000, 0), record({ log })];
  const packed = Buffer.concat([pack(entry('p1')), pack(entry('p2'))]);
  const gzipped = Buffer.concat([gzipSync(pack(entry('z1'))), gzipSync(pack(entry('z2')))]);
  sender.send(pack(['a.b', [entry('f1'), entry('f2')], { chunk: 'f' }]));
  sender.send(pack(['a.b', packed, { chunk: 'p', size: 2 }]));
  sender.send(pack(['a.b', packed.toString('latin1').length > 0 ? packed : '', {}]));
  sender.send(pack(['a.b', gzipped, { compressed: 'gzip', chunk: 'z' }]));
  sender.send(pack(['a.b', [[[eventTime(1_763_900_000, 0), {}], record({ log: 'meta' })]]]));
  await world.clock.advance(1000);
  expect(lines(world)).toEqual(['f1', 'f2', 'p1', 'p2', 'p1', 'p2', 'z1', 'z2', 'meta']);
  expect(Buffer.concat(sender.answers).toString('latin1')).toBe('\x81\xa3ack\xa1f\x81\xa3ack\xa1p\x81\xa3ack\xa1z');
});

test('bad entries are counted, good neighbours kept, the connection lives, and no payload is logged', async () => {
  const world = await startAgent();
  const sender = world.connect();
  for (const value of [
    null,
    7,
    'SECRET',
    { a: 'SECRET' },
    [],
    ['SECRET'],
    ['t', 1],
    [1, 2, 3],
    ['t', 1, 'SECRET', {}],
    ['t', [[1, 'SECRET'], 'SECRET', [1, { log: 'good' }]]],
  ])
    sender.send(pack(value));
  sender.send(message({ log: 'last' }));
  await world.clock.advance(1000);
  expect(lines(world).sort()).toEqual(['good', 'last']);
  expect(sender.state.closed).toBe(false);
  expect(world.metric('ignored_values_total')).toBe(4);
  expect(world.metric('malformed_total')).toBe(7);
  expect(world.lines.join('\n')).not.toContain('SECRET');
});

test.each([
  ['undecodable bytes', Buffer.from('c1c1', 'hex')],
  ['a length over messageMax', Buffer.from('94dbffffffff', 'hex')],
  ['a damaged gzip payload', Buffer.from(pack(['t', Buffer.from('1f8b0800aaaa', 'hex'), { compressed: 'gzip' }]))],
])('%s close the connection, after what came before them was taken', async (_, bytes) => {
  const world = await startAgent();
  const sender = world.connect();
  sender.send(Buffer.concat([message({ log: 'before', option: { chunk: 'x' } }), bytes]));
  await world.clock.advance(1000);
  expect(sender.state.closed).toBe(true);
  expect(sender.answers.length).toBe(1);
  expect(lines(world)).toEqual(['before']);
});

test.each([
  ['as the option says', { compressed: 'zstd' }],
  ['as its first bytes say', {}],
])('zstd is refused with a sentence, and never acked: %s', async (_, option) => {
  const world = await startAgent();
  const sender = world.connect();
  const zstd = Buffer.from('28b52ffd2400010000', 'hex');
  sender.send(
    Buffer.concat([message({ log: 'before', option: { chunk: 'x' } }), pack(['t', zstd, { ...option, chunk: 'y' }])]),
  );
  await world.clock.advance(1000);
  expect(lines(world)).toEqual(['before']);
  expect([sender.state.closed, sender.answers.map((bytes) => Buffer.from(bytes).toString('latin1')).join()]).toEqual([
    true,
    expect.not.stringContaining('y'),
  ]);
  expect(world.lines.join()).toContain('compressed with zstd, which is not supported');
});

test('slow senders without end: memory stays within its bound, connections within theirs, and others are served', async () => {
  const world = await startAgent(
    'inputs: [ { type: forward, url: "unix:///agent.sock", messageMax: 256KiB, connectionsMax: 100 } ]',
  );
  // Each begins a message of 200 kB and goes on byte by byte, or not at all.
  const begun = message({ log: 'x'.repeat(200_000) }).subarray(0, 150_000);
  const honest = world.connect();
  honest.send(message({ log: 'cut in two' }).subarray(0, 20));
  const slow = Array.from({ length: 98 }, () => world.connect());
  for (const sender of slow) sender.send(begun);
  for (let i = 0; i < 50; i++) for (const sender of slow) sender.send(Buffer.from('x'));
  const open = slow.filter(({ state }) => !state.closed).length;
  // Unfinished messages take four times messageMax together, in memory that doubles.
  expect([open > 0, open <= 8]).toEqual([true, true]);
  // Another one's unfinished message needs memory while they have all of it.
  const late = world.connect();
  late.send(message({ log: 'late' }).subarray(0, 20));
  late.send(message({ log: 'late' }).subarray(20));
  honest.send(message({ log: 'cut in two' }).subarray(20));
  world.connect().send(message({ log: 'innocent' }));
  await world.clock.advance(1000);
  expect(lines(world).sort()).toEqual(['cut in two', 'innocent', 'late']);
  const all = Array.from({ length: 200 }, () => world.net.connect());
  expect(all.filter((sender) => sender !== undefined).length).toBeLessThanOrEqual(100);
  expect(world.metric('connections_refused_total')).toBeGreaterThan(90);
});

test('a gzip bomb is stopped at its limit', async () => {
  const world = await startAgent();
  const sender = world.connect();
  sender.send(pack(['t', gzipSync(Buffer.alloc(40_000_000)), { compressed: 'gzip' }]));
  expect(sender.state.closed).toBe(true);
});

test('a record without log goes as JSON', async () => {
  const world = await startAgent();
  world
    .connect()
    .send(pack(['t', 1_763_900_000, { message: 'x', n: [1, -2, 1.5, null, true], u: 70_000, neg: -70_000 }]));
  await world.clock.advance(1000);
  expect(JSON.parse(lines(world)[0] as string)).toEqual({
    message: 'x',
    n: [1, -2, 1.5, null, true],
    u: 70_000,
    neg: -70_000,
  });
});

test('pieces of long lines are joined as bytes, interleaved over containers and sources', async () => {
  const world = await startAgent();
  const sender = world.connect();
  const piece = (id: string, source: string, log: Uint8Array | string, last: boolean) =>
    message({
      log,
      time: 1_763_900_000,
      extra: {
        container_id: id,
        source,
        partial_message: 'true',
        partial_id: `p${id}${source}`,
        partial_ordinal: '1',
        partial_last: String(last),
      },
    });
  const euro = Buffer.from('€');
  sender.send(piece('a', 'stdout', Buffer.concat([Buffer.from('A1'), euro.subarray(0, 1)]), false));
  sender.send(piece('a', 'stderr', 'E1', false));
  sender.send(piece('b', 'stdout', 'B1', false));
  sender.send(message({ log: 'plain' }));
  sender.send(piece('a', 'stdout', euro.subarray(1), false));
  sender.send(piece('b', 'stdout', '', true));
  sender.send(piece('a', 'stderr', 'E2', true));
  sender.send(piece('a', 'stdout', 'A3', true));
  await world.clock.advance(1000);
  expect(lines(world)).toEqual(['plain', 'B1', 'E1E2', 'A1€A3']);
});

test('the pieces of Docker 18.09 end with a plain record of the same source', async () => {
  const world = await startAgent();
  const sender = world.connect();
  const piece = (log: string) => message({ log, extra: { partial_message: 'true' } });
  for (const bytes of [
    piece('one '),
    piece('two '),
    message({ log: 'other', extra: { source: 'stderr' } }),
    message({ log: 'three' }),
    message({ log: 'next' }),
  ])
    sender.send(bytes);
  await world.clock.advance(1000);
  expect(lines(world)).toEqual(['other', 'one two three', 'next']);
});

test('a line whose end never comes is passed on after a while, a huge one in parts', async () => {
  const world = await startAgent('partials: { sizeMax: 16KiB, timeout: 5s }');
  const sender = world.connect();
  const piece = (log: string) =>
    message({ log, extra: { partial_message: 'true', partial_id: 'p', partial_last: 'false' } });
  sender.send(piece('x'.repeat(10_000)));
  sender.send(piece('y'.repeat(10_000)));
  await world.clock.advance(8000);
  expect(lines(world).map((line) => line.length)).toEqual([16_384, 3616]);
  expect(world.books()).toEqual({ received: 2, accounted: 2 });
});

test('own lines that come back are dropped and counted, wherever the mark stands in them', async () => {
  const world = await startAgent();
  const sender = world.connect();
  const own = world.lines[0] as string;
  sender.send(
    Buffer.concat([
      message({ log: own }),
      message({ log: 'kept' }),
      message({ log: `{"log":"${own}"}` }),
      message({ log: '^larsen-agent:0123456789abcdef^ warn X of another agent' }),
      message({ log: 'kept too' }),
    ]),
  );
  await world.clock.advance(1000);
  expect(lines(world)).toEqual(['kept', 'kept too']);
  expect(world.metric('self_records_total')).toBe(3);
  expect(world.books()).toEqual({ received: 5, accounted: 5 });
  sender.send(message({ log: own }));
  await world.clock.advance(5000);
  expect(world.net.pushes.length).toBe(1);
});

test('own stderr routed into the own socket does not howl, even while every push fails', async () => {
  const world = await startAgent();
  const sender = world.connect();
  world.net.script = () => ({ status: 500 });
  sender.send(message({ log: 'app line' }));
  let routed = 0;
  for (let i = 0; i < 600; i++) {
    await world.clock.advance(100);
    while (routed < world.lines.length) sender.send(message({ log: world.lines[routed++] as string, tag: 'agent' }));
  }
  expect(world.lines.join('').length).toBeLessThan(3000);
  expect(world.metric('self_records_total')).toBe(routed - (world.metric('records_buffered') - 1));
  expect(world.lines.join('\n')).not.toContain('app line');
});

test.each([
  ['split', [2000, 2000, 1000], 0],
  ['truncate', [2000], 0],
  ['drop', [], 1],
] as const)('a line over lineMax: %s', async (lineOver, lengths, dropped) => {
  const world = await startAgent(`lineMax: 2000B\nlineOver: ${lineOver}`);
  world.connect().send(message({ log: 'x'.repeat(5000) }));
  await world.clock.advance(1000);
  expect(lines(world).map((line) => line.length)).toEqual(lengths);
  expect(world.metric('records_dropped_total')).toBe(dropped);
});

test('a long line is not cut through a character', async () => {
  const world = await startAgent('lineMax: 2000B');
  world.connect().send(message({ log: `x${'€'.repeat(1000)}` }));
  await world.clock.advance(1000);
  expect(lines(world).join('')).toBe(`x${'€'.repeat(1000)}`);
  expect(lines(world).every((line) => !line.includes('\ufffd'))).toBe(true);
});

test('batches keep within entries, decoded and encoded bytes', async () => {
  const world = await startAgent('batch: { decodedMax: 64KiB, encodedMax: 16KiB, entriesMax: 500 }\nlineMax: 32KiB');
  const sender = world.connect();
  for (let n = 0; n < 200; n++) sender.send(message({ log: noise(1000, n), tag: `t${n % 7}` }));
  for (let n = 0; n < 2000; n++) sender.send(message({ log: 'short' }));
  await world.clock.advance(3000);
  expect(world.entries().length).toBe(2200);
  for (const push of world.net.pushes) {
    const entries = readPush(push.body);
    expect(push.body.length).toBeLessThanOrEqual(16_384);
    expect(entries.length).toBeLessThanOrEqual(500);
    expect(entries.reduce((sum, entry) => sum + entry.line.length, 0)).toBeLessThanOrEqual(65_536);
  }
});

test('streams beyond streamsMax share one overflow stream', async () => {
  const world = await startAgent('labels: { instance: h, streamsMax: 5 }');
  const sender = world.connect();
  for (let n = 0; n < 50; n++) sender.send(message({ tag: `id${n}` }));
  await world.clock.advance(1000);
  expect(new Set(world.entries().map((entry) => entry.labels)).size).toBe(6);
  expect(world.metric('stream_overflow_records_total')).toBe(45);
  expect(world.books()).toEqual({ received: 50, accounted: 50 });
});

test('any mix of streams and line sizes arrives once, in order within its stream, each at a time of its own', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          tag: fc.constantFrom('a', 'b.c', 'd.e.f'),
          size: fc.oneof(fc.nat(50), fc.nat(9000)),
          time: fc.integer({ min: 1_763_899_990, max: 1_763_900_000 }),
        }),
        { maxLength: 200 },
      ),
      async (records) => {
        const world = await startAgent('batch: { decodedMax: 64KiB }\nlineMax: 8KiB');
        const sender = world.connect();
        const sent = records.map(({ tag, size, time }, n) => ({
          tag,
          time,
          log: `${n}:`.padEnd(Math.min(size, 8000) + 8, 'x'),
        }));
        for (const one of sent) sender.send(message(one));
        await world.clock.advance(2000);
        for (const tag of ['a', 'b.c', 'd.e.f']) {
          const got = world.entries().filter((entry) => entry.labels.includes(`tag="${tag}"`));
          expect(got.map((entry) => entry.line.toString())).toEqual(
            sent.filter((one) => one.tag === tag).map((one) => one.log),
          );
          expect(new Set(got.map((entry) => entry.ns)).size).toBe(got.length);
        }
        expect(world.books()).toEqual({ received: sent.length, accounted: sent.length });
      },
    ),
    { numRuns: 40 },
  );
});

test('readLines reads what was pushed', async () => {
  const world = await startAgent();
  world.connect().send(message({ log: '' }));
  await world.clock.advance(1000);
  expect(readLines(world.net.pushes[0]!.body)).toEqual(['']);
});
