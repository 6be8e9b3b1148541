import { expect, test } from 'vitest';
import { parseConfig } from './config/parse.ts';
import { dryRun } from './dry-run.ts';
import { noise } from './testing/noise.ts';
import { VirtualClock } from './testing/virtual-clock.ts';

function run(yaml: string, lines: string[]) {
  const head = 'inputs: [{ type: forward, url: "unix:///a" }]\noutputs: [{ type: loki, url: "http://sink" }]\n';
  const config = parseConfig(head + yaml, { name: 'test', env: {} });
  const random = { next: () => 0.5, bytes: (count: number) => noise(count, 1) };
  const options = { config, tag: 'web.front', containerName: '/web-1', clock: new VirtualClock(), random };
  return [
    ...dryRun(
      lines.map((line) => Buffer.from(line)),
      options,
    ),
  ];
}

test('samples are labelled, scrubbed, dropped and cut as in a running agent', () => {
  const yaml = `labels: { instance: h, remove: [tag, service], json: { level: level } }
lineMax: 1KiB
process: { scrub: { ipv4: mask }, filters: [ { drop: { contains: health } } ] }`;
  const long = 'x'.repeat(1500);
  expect(run(yaml, ['{"level":"info","ip":"1.2.3.4"}', 'GET /health 1.2.3.4', '^larsen-agent:00^ x', long])).toEqual([
    { labels: { app: 'web', instance: 'h', level: 'info' }, line: '{"level":"info","ip":"[ipv4]"}' },
    { dropped: 'filtered', line: 'GET /health 1.2.3.4' },
    { dropped: 'self', line: '^larsen-agent:00^ x' },
    { labels: { app: 'web', instance: 'h' }, line: 'x'.repeat(1024) },
    { labels: { app: 'web', instance: 'h' }, line: 'x'.repeat(476) },
  ]);
});

test('lines that belong together come out together, the last ones at the end', () => {
  const yaml = 'labels: { instance: h }\nprocess: { multiline: [ { start: "^\\\\S" } ] }';
  expect(run(yaml, ['a', ' b', 'c', ' d']).map(({ line }) => line)).toEqual(['a\n b', 'c\n d']);
});
