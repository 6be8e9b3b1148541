import { createHash } from 'node:crypto';
import { decode, encode } from '@msgpack/msgpack';
import { expect, test } from 'vitest';
import { message } from '../testing/forward-messages.ts';
import { startAgent } from '../testing/start-agent.ts';

const SECURE =
  'inputs: [ { type: forward, url: "unix:///agent.sock", security: { sharedKey: secret, hostname: server } } ]\n';

function pingFor(helo: Uint8Array, sharedKey: string): Uint8Array {
  const [, options] = decode(helo) as [string, { nonce: Uint8Array }];
  const digest = createHash('sha512')
    .update('salt')
    .update('client')
    .update(options.nonce)
    .update(sharedKey)
    .digest('hex');
  return encode(['PING', 'client', 'salt', digest, '', '']);
}

async function start() {
  const world = await startAgent(SECURE);
  const sender = world.connect();
  return { ...world, sender, helo: sender.answers[0] as Uint8Array };
}

test('records are taken after the handshake, also those that follow it in the same read', async () => {
  const { sender, helo, clock, entries, metric } = await start();
  expect((decode(helo) as unknown[])[0]).toBe('HELO');
  const ping = pingFor(helo, 'secret');
  sender.send(ping.subarray(0, 20));
  sender.send(Buffer.concat([ping.subarray(20), message({ log: 'in', option: { chunk: 'c' } })]));
  await clock.advance(20_000);
  expect((decode(sender.answers[1] as Uint8Array) as unknown[]).slice(0, 4)).toEqual(['PONG', true, '', 'server']);
  expect(decode(sender.answers[2] as Uint8Array)).toEqual({ ack: 'c' });
  expect(entries().map(({ line }) => line.toString())).toEqual(['in']);
  expect([sender.state.closed, metric('connections_closed_total')]).toEqual([false, 0]);
});

test('nothing of who has a wrong key, sends something else first, or sends nothing, is taken', async () => {
  for (const bytes of ['wrong', message({ log: 'x' }), Buffer.alloc(9000, 0xc4), 'nothing'] as const) {
    const { sender, helo, clock, entries, metric, lines } = await start();
    if (bytes === 'wrong') sender.send(Buffer.concat([pingFor(helo, 'other'), message({ log: 'x' })]));
    else if (bytes !== 'nothing') sender.send(bytes);
    await clock.advance(10_000);
    expect([sender.state.closed, metric('connections_closed_total')]).toEqual([true, 1]);
    expect(lines.join()).toContain('W_CONNECTION_CLOSED');
    sender.send(message({ log: 'x' }));
    await clock.advance(5000);
    expect(entries()).toEqual([]);
  }
});

test('UDP heartbeats are answered with a byte, and nothing else is', async () => {
  const { net } = await startAgent(
    'inputs: [ { type: forward, url: "tcp://127.0.0.1:24224", heartbeat: true }, { type: forward, url: "unix:///agent.sock" } ]\n',
  );
  expect(net.sendDatagram('udp://127.0.0.1:24224', Uint8Array.of(0))).toEqual([Uint8Array.of(0)]);
  expect(net.sendDatagram('udp://127.0.0.1:24224', message({ log: 'x' }))).toEqual([]);
});
