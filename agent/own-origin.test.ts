// Whatever comes from the agent's own container comes back to it, by any input: it is dropped and counted, whether the line
// has the mark of its log or not, and its neighbours are not.

import { encode } from '@msgpack/msgpack';
import { expect, test } from 'vitest';
import { FakeFiles } from './testing/fake-files.ts';
import { message, record } from './testing/forward-messages.ts';
import { startAgent } from './testing/start-agent.ts';

const OWN = '4f1d0c7be2a958314f1d0c7be2a958314f1d0c7be2a958314f1d0c7be2a95831';
const OTHER = OWN.replaceAll('4', '5');

type World = Awaited<ReturnType<typeof startAgent>>;

async function run(yaml: string, act: (world: World, id: string) => void, own = OWN) {
  const files = new FakeFiles();
  for (const id of [OWN, OTHER])
    files.put(`/docker/${id}/${id}-json.log`, Buffer.from(`${JSON.stringify({ log: `of ${id.slice(0, 4)}\n` })}\n`));
  const world = await startAgent(yaml, files, undefined, own);
  for (const id of [OTHER, OWN, OTHER]) act(world, id);
  await world.clock.advance(5000);
  expect(world.books().accounted).toBe(world.books().received);
  return { lines: world.entries().map(({ line }) => line.toString()), self: world.metric('self_records_total') };
}

const forward = ({ net }: World, id: string): void =>
  net.connect()?.send(message({ log: `of ${id.slice(0, 4)}`, extra: { container_id: id } }));

test('Forward in each mode, pieces of long lines too', async () => {
  expect(await run('', forward)).toEqual({ lines: ['of 5f1d', 'of 5f1d'], self: 1 });
  const entry = (id: string) => [1_763_900_000, record({ log: `of ${id.slice(0, 4)}`, extra: { container_id: id } })];
  const packed = (world: World, id: string): void =>
    world.net.connect()?.send(encode(['tag', [entry(id), entry(id)]]) as Uint8Array);
  expect(await run('', packed)).toEqual({ lines: Array(4).fill('of 5f1d'), self: 2 });
  const pieces = (world: World, id: string): void =>
    world.net.connect()?.send(
      message({
        log: `of ${id.slice(0, 4)}`,
        extra: { container_id: id, partial_message: 'true', partial_id: 'p', partial_last: 'false' },
      }),
    );
  expect(await run('', pieces)).toMatchObject({ self: 1 });
});

test.each<[string, string, (world: World, id: string) => void]>([
  [
    'GELF',
    'inputs: [ { type: gelf, url: "udp://127.0.0.1:1" } ]',
    ({ net }, id) =>
      net.sendDatagram(
        'udp://127.0.0.1:1',
        Buffer.from(
          JSON.stringify({ version: '1.1', host: 'h', short_message: `of ${id.slice(0, 4)}`, _container_id: id }),
        ),
      ),
  ],
  [
    'syslog with the tag that Docker gives',
    'inputs: [ { type: syslog, url: "udp://127.0.0.1:2" } ]',
    ({ net }, id) =>
      net.sendDatagram(
        'udp://127.0.0.1:2',
        Buffer.from(`<30>Nov 24 22:01:02 host ${id.slice(0, 12)}[7]: of ${id.slice(0, 4)}`),
      ),
  ],
  [
    'the journal',
    'inputs: [ { type: journald } ]',
    ({ processes }, id) =>
      processes.started[0]?.write(Buffer.from(`__CURSOR=c\nMESSAGE=of ${id.slice(0, 4)}\nCONTAINER_ID_FULL=${id}\n\n`)),
  ],
])('%s', async (_, yaml, act) => {
  expect(await run(yaml, act)).toEqual({ lines: ['of 5f1d', 'of 5f1d'], self: 1 });
});

test('files of Docker', async () => {
  const yaml = 'inputs: [ { type: tail, paths: [ /docker/*/*.log ], format: docker-json-file } ]';
  expect(await run(yaml, () => {})).toEqual({ lines: ['of 5f1d'], self: 1 });
});

test('the short id is enough; without a container, and with `none`, nothing is its own', async () => {
  expect(await run('', forward, OWN.slice(0, 12))).toMatchObject({ self: 1 });
  expect(await run('', forward, '')).toMatchObject({ self: 0 });
  expect(await run('ownContainer: none', forward)).toMatchObject({ self: 0 });
  expect(await run(`ownContainer: ${OTHER.slice(0, 20)}`, forward)).toMatchObject({ self: 2 });
  // A prefix that is no id says nothing.
  expect(await run('', ({ net }) => net.connect()?.send(message({ extra: { container_id: '4f1d' } })))).toMatchObject({
    self: 0,
  });
});
