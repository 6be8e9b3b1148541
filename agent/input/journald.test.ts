import { expect, test } from 'vitest';
import { FakeFiles } from '../testing/fake-files.ts';
import { startAgent } from '../testing/start-agent.ts';

const JOURNALD = 'inputs: [ { type: journald, checkpoint: /state/journal } ]\nbatch: { ageMax: 20ms }\n';

let number = 0;
function entry(fields: Record<string, string>): Buffer {
  const all = { __CURSOR: `s=${++number}`, __REALTIME_TIMESTAMP: '1763900000123456', ...fields };
  return Buffer.from(
    `${Object.entries(all)
      .map(([key, value]) => `${key}=${value}\n`)
      .join('')}\n`,
  );
}

const out = (world: Awaited<ReturnType<typeof startAgent>>) => world.entries().map(({ line }) => line.toString());

test('entries become lines with the tag of their container or service, and their time', async () => {
  const world = await startAgent(JOURNALD);
  const [child] = world.processes.started;
  expect(child?.command).toEqual(['journalctl', '--follow', '--output=export', '--no-tail']);
  child?.write(entry({ MESSAGE: 'one', CONTAINER_TAG: 'web.x', SYSLOG_IDENTIFIER: 'web.x' }));
  child?.write(entry({ MESSAGE: 'two', SYSLOG_IDENTIFIER: 'sshd' }));
  child?.write(entry({ PRIORITY: '6' }));
  await world.clock.advance(1000);
  expect(out(world).sort()).toEqual(['one', 'two']);
  const one = world.entries().find(({ line }) => line.toString() === 'one');
  expect(one?.labels).toContain('app="web", instance="host-1", service="x"');
  expect(one?.ns).toBe(1_763_900_000_123_456_000n);
});

test('pieces of a long line are joined, other lines in between', async () => {
  const world = await startAgent(JOURNALD);
  const child = world.processes.started[0];
  child?.write(
    entry({
      MESSAGE: 'a long ',
      CONTAINER_PARTIAL_MESSAGE: 'true',
      CONTAINER_PARTIAL_ID: 'x',
      CONTAINER_PARTIAL_ORDINAL: '1',
    }),
  );
  child?.write(entry({ MESSAGE: 'other' }));
  child?.write(entry({ MESSAGE: 'line', CONTAINER_PARTIAL_ID: 'x', CONTAINER_PARTIAL_LAST: 'true' }));
  await world.clock.advance(1000);
  expect(out(world)).toEqual(['other', 'a long line']);
});

test('the cursor of what was delivered is where a restart goes on, and one of half a line is not', async () => {
  const files = new FakeFiles();
  const world = await startAgent(JOURNALD, files);
  const child = world.processes.started[0];
  child?.write(entry({ __CURSOR: 's=done', MESSAGE: 'a' }));
  await world.clock.advance(1000);
  child?.write(
    entry({ __CURSOR: 's=half', MESSAGE: 'b', CONTAINER_PARTIAL_MESSAGE: 'true', CONTAINER_PARTIAL_ID: 'x' }),
  );
  await world.clock.advance(1000);
  world.net.script = () => 'silence';
  child?.write(entry({ __CURSOR: 's=unsent', MESSAGE: 'c', CONTAINER_PARTIAL_ID: 'x' }));
  await world.clock.advance(1000);
  const again = await startAgent(JOURNALD, files.crash());
  expect(again.processes.started[0]?.command.at(-1)).toBe('--after-cursor=s=done');
});

test('a journalctl that ends is started again behind the last entry, less and less often', async () => {
  const world = await startAgent(JOURNALD);
  world.processes.started[0]?.write(entry({ __CURSOR: 's=last', MESSAGE: 'a' }));
  world.processes.started[0]?.exit('exit code 1');
  await world.clock.advance(1000);
  expect(world.processes.started[1]?.command.at(-1)).toBe('--after-cursor=s=last');
  world.processes.started[1]?.exit('ENOENT');
  await world.clock.advance(1999);
  expect(world.processes.started.length).toBe(2);
  await world.clock.advance(1);
  expect(world.processes.started.length).toBe(3);
  world.processes.started[2]?.write(Buffer.from('MESSAGE\n\xff\xff\xff\xff\xff\xff\xff\xffx', 'latin1'));
  expect(world.processes.started[2]?.state.killed).toBe(true);
});

test('under block the journal is not read, and the stop ends journalctl', async () => {
  const world = await startAgent(`${JOURNALD}buffer: { memoryMax: 4MiB, policy: block }\n`);
  world.net.script = () => 'silence';
  const child = world.processes.started[0];
  for (let i = 0; i < 3000 && child?.state.paused === false; i++) {
    const noise = Buffer.from(Array.from({ length: 4000 }, () => 33 + Math.floor(Math.random() * 90))).toString();
    child.write(entry({ MESSAGE: noise }));
  }
  expect(child?.state.paused).toBe(true);
  const stopping = world.agent.stop();
  await world.clock.advance(20_000);
  await stopping;
  expect(child?.state.killed).toBe(true);
});
