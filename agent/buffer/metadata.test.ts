// Structured metadata from a record and from its line to the push, in virtual time.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readEntries } from '../codec/push-reader.ts';
import { message } from '../testing/forward-messages.ts';
import { startAgent } from '../testing/start-agent.ts';

const RECORD = 'metadata: { record: { container: container_id, trace: trace, n: number } }';

async function push(yaml: string, ...messages: Uint8Array[]) {
  const world = await startAgent(yaml);
  const sender = world.connect();
  for (const bytes of messages) sender.send(bytes);
  await world.clock.advance(10_000);
  return { world, entries: world.entries().map(({ line, metadata }) => ({ line: line.toString(), metadata })) };
}

test('fields of the record go beside the line, under the names of the config; others and nil do not', async () => {
  const { entries } = await push(
    RECORD,
    message({ log: 'a', extra: { trace: 'tr-1', number: 7, other: 'x' } }),
    message({ log: 'b', extra: { trace: null, container_id: 'é'.repeat(3) } }),
  );
  expect(entries).toEqual([
    { line: 'a', metadata: { container: '0'.repeat(64), trace: 'tr-1', n: '7' } },
    { line: 'b', metadata: { container: 'ééé' } },
  ]);
});

test('values of a JSON line too, with their escapes resolved; each line has its own', async () => {
  const yaml = 'metadata: { record: { trace: trace }, json: { span: span.id, user: "a\\"b" } }';
  const { entries } = await push(
    yaml,
    message({ log: '{"span.id":"s-1","a\\"b":"x\\ny"}', extra: { trace: 't' } }),
    message({ log: 'no json' }),
    message({ log: '{"span.id":12}' }),
  );
  expect(entries.map(({ metadata }) => metadata)).toEqual([
    { trace: 't', span: 's-1', user: 'x\ny' },
    undefined,
    { span: '12' },
  ]);
});

test('a line that is held back keeps the metadata that it came with: pieces, and events of several lines', async () => {
  const piece = (id: string, last: boolean, trace: string) =>
    message({
      log: `${id}${last ? '.' : ','}`,
      extra: { partial_message: 'true', partial_id: id, partial_last: String(last), trace },
    });
  const pieces = await push(RECORD, piece('p', false, '1'), piece('q', false, '2'), piece('p', true, 'x'), message());
  expect(pieces.entries.map(({ line, metadata }) => [line, metadata?.trace])).toEqual([
    ['p,p.', '1'],
    ['hi', undefined],
    ['q,', '2'],
  ]);
  const event = (log: string, trace: string) => message({ log, extra: { trace } });
  const events = await push(
    `${RECORD}\nprocess: { multiline: [ { start: "^x" } ] }`,
    event('x1', '1'),
    event('more', '2'),
    event('x2', '3'),
  );
  expect(events.entries.map(({ line, metadata }) => [line, metadata?.trace])).toEqual([
    ['x1\nmore', '1'],
    ['x2', '3'],
  ]);
});

test('what scrubbing takes out of lines it takes out of metadata', async () => {
  const { entries } = await push(
    'metadata: { record: { ip: client, who: user }, json: { mail: mail } }\nprocess: { scrub: { ipv4: truncate, login: mask, email: mask } }',
    message({ log: '{"mail":"a@example.org"}', extra: { client: '203.0.113.77', user: 'jane "j" doe' } }),
  );
  expect(entries).toEqual([
    { line: '{"mail":"[email]"}', metadata: { ip: '203.0.113.0', who: '[login]', mail: '[email]' } },
  ]);
});

test('long values are cut between characters, and the sum is bounded; both are counted', async () => {
  const names = Array.from({ length: 30 }, (_, i) => `k${i}`);
  const yaml = `metadata: { record: { ${names.map((name) => `${name}: ${name}`).join(', ')} } }`;
  const extra = Object.fromEntries(names.map((name) => [name, 'é'.repeat(3000)]));
  const { world, entries } = await push(yaml, message({ extra }));
  const values = Object.values(entries[0]?.metadata ?? {});
  expect(values.length).toBe(15);
  expect(new Set(values)).toEqual(new Set(['é'.repeat(512)]));
  expect(world.metric('metadata_cut_total')).toBe(30 + 15);
});

test('the readers of other outputs see it, and a split keeps it', async () => {
  const { world } = await push(
    `${RECORD}\noutputs: [{ type: stdout }]`,
    message({ log: 'a', extra: { trace: 't', container_id: '' } }),
  );
  expect(JSON.parse(world.printed.join('')).metadata).toEqual({ trace: 't' });
  const split = await startAgent(RECORD, undefined, (_push, n) => (n === 0 ? { status: 413 } : { status: 204 }));
  const sender = split.connect();
  for (const trace of ['1', '2']) sender.send(message({ extra: { trace } }));
  await split.clock.advance(5000);
  expect(split.net.pushes.slice(1).flatMap(({ body }) => [...readEntries(body)].map((e) => e.metadata?.trace))).toEqual(
    ['1', '2'],
  );
});

test('whatever a record holds, every entry is whole and its metadata is text', async () => {
  const value = fc.oneof(fc.string(), fc.integer(), fc.uint8Array({ maxLength: 40 }), fc.constant(null), fc.object());
  await fc.assert(
    fc.asyncProperty(fc.array(fc.record({ trace: value, number: value, container_id: value })), async (records) => {
      const { entries } = await push(RECORD, ...records.map((extra, i) => message({ log: `${i}`, extra })));
      expect(entries.map(({ line }) => line)).toEqual(records.map((_, i) => `${i}`));
      records.forEach(({ trace }, i) => {
        const found = entries[i]?.metadata?.trace;
        if (typeof trace === 'string') expect(found ?? '').toBe(Buffer.from(trace.toWellFormed()).toString());
        if (typeof trace === 'number') expect(found).toBe(String(trace));
      });
    }),
    { numRuns: 50 },
  );
});

test('without it an entry has no third field, and names given twice are an error', async () => {
  const { entries } = await push('', message({ extra: { trace: 'x' } }));
  expect(entries).toEqual([{ line: 'hi', metadata: undefined }]);
  await expect(startAgent('metadata: { record: { a: b }, json: { a: c } }')).rejects.toThrow('metadata.json.a');
});
