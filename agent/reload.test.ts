import { expect, test } from 'vitest';
import { parseConfig } from './config/parse.ts';
import { message } from './testing/forward-messages.ts';
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
  agent.reload(read('lineMax: 100KiB\nbuffer: { memoryMax: 8MiB }\nprocess: { scrub: { ipv4: mask } }'));
  expect(lines.at(-1)).toContain('a restart is needed for what has changed in buffer, lineMax');
  agent.reload(read('process: { scrub: { ipv4: maks } }'));
  expect(lines.at(-1)).toContain('W_RELOAD the config is not loaded, the old one stays: E_CONFIG_INVALID');
  connect().send(message({ log: '1.2.3.4' }));
  await clock.advance(2000);
  expect(entries().map(({ line }) => line.toString())).toEqual(['[ipv4]']);
});
