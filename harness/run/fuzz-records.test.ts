// Bytes of a history that somebody damaged or made up: no line of history.jsonl and no record of lines/*.bin breaks
// their readers, and what they let through can be used. LARSEN_FUZZ_RUNS sets how many; a plain test run takes few.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLineRecord, decodeLineRecord, LINE_RECORD_BYTES } from '../model/line-record.ts';
import { ledgerEntrySchema, resultSchema } from '../scenario/result-schema.ts';
import { parseEvent } from './control-log.ts';
import { createEventPicker, toLineEvent } from './line-events.ts';

const RUNS = Number(process.env.LARSEN_FUZZ_RUNS ?? 1_000);

const LINES = [
  '{"n":1,"atNs":12,"kind":"phase","hop":"harness","data":{"phase":"load","loadStartNs":12}}',
  '{"n":2,"atNs":1e9,"kind":"driver-dropped","hop":"driver","app":"web","bytes":5,"data":{"reason":"queue-full","lines":1,"bytes":5}}',
  '{"n":3,"atNs":1,"kind":"push","hop":"sink","data":{"push":1,"path":"/loki/api/v1/push","status":204,"startedNs":1,"answeredNs":2,"ids":3,"foreign":["x"]}}',
  '{"n":4,"atNs":-1,"kind":"probe","hop":"app","app":"web","data":{"probe":"stdout-latency","maxWriteMs":1,"threads":[],"counters":{"a":1}}}',
  '{"n":5,"atNs":5,"kind":"fault-bit","hop":"sink","data":{"fault":"sink-status","index":0}}',
  '{"__proto__":{"n":1},"n":6,"atNs":6,"kind":"process","hop":"agent","data":{"role":"agent","pid":1,"state":"exited"}}',
];
const VALUES = [
  'null',
  '-1',
  '1e999',
  '[]',
  '{}',
  '""',
  '"NaN"',
  'true',
  '"\\ud800"',
  '9007199254740993',
  '{"__proto__":1}',
];

/** A line with values replaced, parts doubled or left out. */
const damaged = fc
  .tuple(
    fc.constantFrom(...LINES),
    fc.array(fc.tuple(fc.nat(), fc.nat(), fc.constantFrom(...VALUES, ''), fc.boolean()), { maxLength: 4 }),
  )
  .map(([line, changes]) =>
    changes.reduce((text, [at, length, value, isWord]) => {
      const words = [...text.matchAll(/"[^"]*"|[\d.e-]+|\{|\[/g)];
      const word = words[at % Math.max(1, words.length)];
      if (isWord && word) return text.slice(0, word.index) + value + text.slice(word.index + word[0].length);
      const from = at % Math.max(1, text.length);
      return text.slice(0, from) + value + text.slice(from + (length % 8));
    }, line),
  );

describe('a line of history.jsonl', () => {
  it('is an event that can be used, or none', () => {
    fc.assert(
      fc.property(fc.oneof(damaged, fc.string({ unit: 'binary', maxLength: 60 })), (line) => {
        const event = parseEvent(Buffer.from(line));
        if (event === undefined) return;
        expect(typeof event.kind).toBe('string');
        expect(Number.isFinite(event.n) && Number.isFinite(event.atNs)).toBe(true);
        if (event.data !== undefined) expect(typeof event.data).toBe('object');
      }),
      { numRuns: RUNS },
    );
  });

  it.each(LINES)('is read as it stands: %s', (line) => {
    expect(parseEvent(Buffer.from(line))).toMatchObject({ n: expect.any(Number) });
  });
});

describe('a record of lines/*.bin', () => {
  it('of any bytes is decoded, and is an event of its kind', () => {
    const record = createLineRecord();
    fc.assert(
      fc.property(fc.uint8Array({ minLength: LINE_RECORD_BYTES, maxLength: LINE_RECORD_BYTES }), (bytes) => {
        decodeLineRecord(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 0, record);
        expect(Number.isInteger(record.kind) && Number.isInteger(record.seq)).toBe(true);
        createEventPicker(0)(record, (part, atNs) => {
          expect(toLineEvent(record, part, atNs, { run: 'abcdef', app: 'web', loadStartNs: 0 }).n).toBe(-1);
        });
      }),
      { numRuns: RUNS },
    );
  });
});

describe('result.json and ledger.jsonl', () => {
  it('of any value are taken or refused by their schemas, never a crash', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json({ maxDepth: 4 }), damaged), (text) => {
        let value: unknown;
        try {
          value = JSON.parse(text);
        } catch {
          return;
        }
        for (const schema of [resultSchema, ledgerEntrySchema])
          expect(schema.safeParse(value).success).toBeTypeOf('boolean');
      }),
      { numRuns: RUNS },
    );
  });
});
