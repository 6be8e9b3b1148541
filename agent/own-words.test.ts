// No own line holds a byte of a record, whatever a sender sends and whatever the receiver says of it.

import { encode } from '@msgpack/msgpack';
import { expect, test } from 'vitest';
import type { Script } from './testing/fake-net.ts';
import { message } from './testing/forward-messages.ts';
import { startAgent } from './testing/start-agent.ts';

/** Stands for what nobody may read in the log of the agent. */
const MARKER = 'PLANTED';

const quote = `cannot take '${MARKER}' of stream '{app="${MARKER}"}'`;
const ignored = `entry with timestamp 2026-09-21 14:13:20 +0000 UTC ignored, reason: '${MARKER}' for stream: {a="${MARKER}"},\ntotal ignored: 1 out of 2`;
const named = `entry for stream '{app="${MARKER}"}' has 17 label names; limit 15`;

const answers: [string, ReturnType<Script>, string][] = [
  ...[400, 401, 404, 408, 413, 422, 429, 500, 503].map((status): [string, ReturnType<Script>, string] => [
    `${status}`,
    { status, body: quote, retryAfter: MARKER },
    'W_',
  ]),
  ['entries ignored', { status: 400, body: ignored }, 'W_PUSH_REFUSED'],
  ['a stream refused', { status: 400, body: named }, 'W_PUSH_REFUSED'],
  ['a page', { status: 200, contentType: `text/html; ${MARKER}`, body: quote }, 'W_SINK_NOT_LOKI'],
  ['too large for gRPC', { status: 500, body: `received message larger than max (9 vs. 4) ${MARKER}` }, 'W_'],
  ['a failure', Object.assign(new Error(quote), { code: `lower ${MARKER}` }), 'W_PUSH_RETRY'],
];

const outputs = [
  'type: loki, url: "http://sink"',
  'type: elasticsearch, url: "http://sink", index: logs',
  'type: splunk, url: "http://sink", token: t',
];

for (const output of outputs)
  test.each(answers)(
    `${output.split(',')[0]}: nothing of a record is said on the answer: %s`,
    async (_, answer, code) => {
      const world = await startAgent(`outputs: [ { ${output} } ]\n`, undefined, () => answer);
      world.connect().send(message({ log: `a line with ${MARKER}` }));
      await world.clock.advance(20_000);
      expect(world.net.pushes.length).toBeGreaterThan(0);
      expect(world.lines.join('\n')).toContain(output.includes('loki') ? code : ' warn W_');
      expect(world.lines.join('\n')).not.toContain(MARKER);
    },
  );

test('nothing of what a sender sends is said when it is cut off or cannot be read', async () => {
  const world = await startAgent(
    'inputs: [ { type: forward, url: "unix:///agent.sock", messageMax: 64KiB }, { type: syslog, url: "tcp://0.0.0.0:601" }, { type: gelf, url: "udp://0.0.0.0:1" } ]\n',
  );
  const bad = [
    Buffer.from(`{"log":"${MARKER}"}`),
    Buffer.from(encode([MARKER, MARKER, MARKER])),
    message({ log: MARKER.repeat(20_000) }),
    Buffer.from(encode(['t', Buffer.from(MARKER), { compressed: 'gzip' }])),
    Buffer.from(encode(['t', Buffer.from(MARKER), { compressed: 'zstd' }])),
  ];
  for (const bytes of bad) {
    world.connect().send(bytes);
    await world.clock.advance(120_000);
  }
  world.net.connect('tcp://0.0.0.0:601')?.send(Buffer.from(`99999999999 ${MARKER}`));
  world.net.sendDatagram('udp://0.0.0.0:1', Buffer.from(`{ ${MARKER}`));
  await world.clock.advance(120_000);
  expect(world.metric('connections_closed_total')).toBeGreaterThan(2);
  expect(world.lines.join('\n')).toContain('W_CONNECTION_CLOSED');
  expect(world.lines.join('\n')).not.toContain(MARKER);
});
