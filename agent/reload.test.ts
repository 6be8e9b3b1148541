import { expect, test } from 'vitest';
import { parseConfig } from './config/parse.ts';
import { FakeFiles } from './testing/fake-files.ts';
import { message } from './testing/forward-messages.ts';
import { noise } from './testing/noise.ts';
import { readLines } from './testing/read-push.ts';
import { startAgent } from './testing/start-agent.ts';

const read = (yaml: string) => () =>
  parseConfig(
    `inputs: [{ type: forward, url: "unix:///agent.sock" }]\noutputs: [{ type: loki, url: "http://sink" }]\n${yaml}`,
    {
      name: 'agent.yaml',
      env: {},
    },
  );

test('a reload changes labels and processing, keeps connections, and loses nothing of what was begun', async () => {
  const { agent, clock, connect, entries, books, lines } = await startAgent(
    'process: { multiline: [ { start: "^x", timeout: 60s } ] }',
  );
  const sender = connect();
  sender.send(message({ log: 'x held at 1.2.3.4' }));
  sender.send(
    message({ log: 'a piece, ', extra: { partial_message: 'true', partial_id: 'p', partial_last: 'false' } }),
  );
  agent.reload(read('labels: { instance: h, static: { env: new } }\nprocess: { scrub: { ipv4: mask } }'));
  sender.send(
    message({ log: 'and its end', extra: { partial_message: 'true', partial_id: 'p', partial_last: 'true' } }),
  );
  sender.send(message({ log: 'now at 1.2.3.4' }));
  await clock.advance(5000);
  expect(entries().map(({ line }) => line.toString())).toEqual(
    expect.arrayContaining(['x held at 1.2.3.4', 'a piece, and its end', 'now at [ipv4]']),
  );
  expect(entries().find(({ line }) => line.toString().startsWith('now'))?.labels).toContain('env="new"');
  expect([sender.state.closed, books().received, books().accounted]).toEqual([false, 3, 3]);
  expect(lines.at(-1)).toContain('I_RELOADED');
});

test('what needs a restart is named, and a config with a mistake changes nothing', async () => {
  const { agent, clock, connect, entries, lines } = await startAgent('process: { scrub: { ipv4: mask } }');
  agent.reload(read('lineMax: 100KiB\nbuffer: { type: disk, path: /b }\nprocess: { scrub: { ipv4: mask } }'));
  expect(lines.at(-1)).toContain('a restart is needed for what has changed in buffer, lineMax');
  agent.reload(read('process: { scrub: { ipv4: maks } }'));
  expect(lines.at(-1)).toContain('W_RELOAD the config is not loaded, the old one stays: E_CONFIG_INVALID');
  connect().send(message({ log: '1.2.3.4' }));
  await clock.advance(2000);
  expect(entries().map(({ line }) => line.toString())).toEqual(['[ipv4]']);
});

test.each(['', 'type: disk, path: /buffer,'])(
  'outputs and bounds of buffers change under load: every line is stored once, at the old or the new sink (%j)',
  async (kind) => {
    const yaml = (url: string, memoryMax: string) =>
      `inputs: [{ type: forward, url: "unix:///agent.sock" }]\noutputs: [{ type: loki, url: "${url}" }]\nlabels: { instance: host-1 }\nbuffer: { ${kind} memoryMax: ${memoryMax}, policy: block }\nbatch: { ageMax: 50ms }`;
    const stored = { old: [] as string[], new: [] as string[] };
    const files = new FakeFiles();
    const world = await startAgent(yaml('http://old', '4MiB'), files, (push, n) => {
      // The old sink is in trouble now and then, so that something waits whenever the config changes.
      if (push.url.startsWith('http://old') && n % 3 > 0) return { status: 503 };
      stored[push.url.startsWith('http://old') ? 'old' : 'new'].push(...readLines(push.body));
      return { status: 204 };
    });
    const sender = world.connect();
    const sent: string[] = [];
    for (let i = 0; i < 400; i++) {
      sent.push(`line ${i}`);
      sender.send(message({ log: `line ${i}` }));
      await world.clock.advance(10);
      if (i === 200) world.agent.reload(() => parseConfig(yaml('http://new', '8MiB'), { name: 'agent.yaml', env: {} }));
    }
    await world.clock.advance(60_000);
    expect([...stored.old, ...stored.new].sort()).toEqual([...sent].sort());
    expect([stored.old.length > 0, stored.new.length >= 200, sender.state.closed]).toEqual([true, true, false]);
    expect(world.metric('buffer_bytes_max')).toBe(8 * 1_048_576);
    expect(world.lines.at(-1)).not.toContain('restart');
    expect(world.books()).toEqual({ received: 400, accounted: 400 });
  },
);

test('a buffer that blocks lets go when its policy changes; an output with another name waits for a restart', async () => {
  const yaml = (policy: string, name = 'loki') =>
    `inputs: [{ type: forward, url: "unix:///agent.sock" }]\noutputs: [{ type: loki, name: ${name}, url: "http://sink" }]\nbuffer: { memoryMax: 4MiB, policy: ${policy} }`;
  const world = await startAgent(yaml('block'), new FakeFiles(), () => ({ status: 503 }));
  const sender = world.connect();
  for (let i = 0; i < 100 && !sender.state.paused; i++) {
    sender.send(message({ log: noise(60_000, i) }));
    await world.clock.advance(20);
  }
  expect(sender.state.paused).toBe(true);
  world.agent.reload(() => parseConfig(yaml('drop-oldest'), { name: 'agent.yaml', env: {} }));
  expect(sender.state.paused).toBe(false);
  world.agent.reload(() => parseConfig(yaml('drop-oldest', 'other'), { name: 'agent.yaml', env: {} }));
  expect(world.lines.at(-1)).toContain('a restart is needed for what has changed in outputs');
  expect(world.agent.metrics()).toContain('records_buffered{output="loki"}');
});
