// The books close: whatever comes in, whatever the sinks of two outputs answer, over reloads and kills, each entry is in
// exactly one account of each output, at every moment.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseConfig } from './config/parse.ts';
import { FakeFiles } from './testing/fake-files.ts';
import { message } from './testing/forward-messages.ts';
import { startAgent } from './testing/start-agent.ts';

const yaml = (label: string) => `inputs: [ { type: forward, url: "unix:///agent.sock" } ]
outputs: [ { type: loki, name: a, url: "http://a" }, { type: loki, name: b, url: "http://b" } ]
buffer: { type: disk, path: /buffer, segmentMax: 64KiB, fsync: batch }
batch: { decodedMax: 64KiB, entriesMax: 9 }
lineMax: 1KiB
deadLetters: { path: /dead }
labels: { instance: h, static: { env: ${label} } }
process: { scrub: { ipv4: mask }, multiline: [ { when: { app: d }, start: "^x", timeout: 1s } ] }
`;

const STATUS = [204, 204, 500, 429, 413, 400, 404] as const;
const step = fc.oneof(
  fc.record({
    kind: fc.constant('send' as const),
    log: fc.oneof(fc.string({ maxLength: 3000 }), fc.constantFrom('x begins', '^larsen-agent:0^ own')),
    tag: fc.constantFrom('a', 'b', 'c.d'),
  }),
  fc.record({
    kind: fc.constant('sink' as const),
    sink: fc.constantFrom('a', 'b'),
    status: fc.constantFrom(...STATUS),
  }),
  fc.record({ kind: fc.constantFrom('bad' as const, 'reload' as const, 'kill' as const, 'wait' as const) }),
);

type World = Awaited<ReturnType<typeof startAgent>>;

/** What came in and where it is, for one output; what is dropped before there is a question of outputs has none. */
function books({ metric }: World, output: string): { came: number; are: number } {
  const of = (name: string): number => metric(name, `output="${output}"`);
  const early = metric('records_dropped_total') - metric('records_dropped_total', 'output="');
  return {
    came: metric('records_received_total') + of('records_recovered_total') + of('records_split_total'),
    are:
      early +
      of('records_sent_total') +
      of('records_dropped_total') +
      of('records_rejected_total') +
      of('records_buffered'),
  };
}

test('came in = sent + dropped + rejected + buffered for each output, over sinks, reloads and kills', async () => {
  const seen = { recovered: 0, rejected: 0, dropped: 0, sent: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40, size: 'max' }), async (steps) => {
      const status: Record<string, number> = { a: 204, b: 204 };
      const start = (files: FakeFiles) =>
        startAgent(yaml('one'), files, ({ url }) => ({ status: status[url.slice(7, 8)] ?? 204 }));
      let world = await start(new FakeFiles());
      let sender = world.connect();
      for (const one of [...steps, { kind: 'wait' as const }]) {
        if (one.kind === 'send') sender.send(message({ log: one.log, tag: one.tag }));
        else if (one.kind === 'sink') status[one.sink] = one.status;
        else if (one.kind === 'bad') sender.send(Buffer.from('93a174c0c0', 'hex'));
        else if (one.kind === 'reload') world.agent.reload(() => parseConfig(yaml('two'), { name: 'test', env: {} }));
        else if (one.kind === 'kill') {
          world = await start(world.files.crash());
          sender = world.connect();
        } else await world.clock.advance(5000);
        await world.clock.advance(100);
        for (const output of ['a', 'b']) {
          const { came, are } = books(world, output);
          expect({ output, are }).toEqual({ output, are: came });
        }
        seen.recovered += world.metric('records_recovered_total');
        seen.rejected += world.metric('records_rejected_total');
        seen.dropped += world.metric('records_dropped_total');
        seen.sent += world.metric('records_sent_total');
      }
    }),
    { numRuns: 40, seed: 7 },
  );
  // Each account was used: else nothing was proven.
  expect(Object.entries(seen).filter(([, count]) => count === 0)).toEqual([]);
}, 60_000);
