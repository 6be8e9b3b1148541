// Every decoder of an input takes bytes from strangers. Here each gets mutations of messages that are nearly right, see
// testing/fuzz.ts.

import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { encode } from '@msgpack/msgpack';
import { expect, test } from 'vitest';
import { DockerJsonFile } from '../codec/docker-json-file.ts';
import { takeValue } from '../codec/forward-modes.ts';
import { ForwardScanner } from '../codec/forward-scanner.ts';
import { Framer } from '../codec/framer.ts';
import { GelfChunks, readGelf } from '../codec/gelf.ts';
import { JournalExport } from '../codec/journal-export.ts';
import { JsonFields } from '../codec/json-fields.ts';
import { recordToJson } from '../codec/record-json.ts';
import { SyslogMessage } from '../codec/syslog.ts';
import { Scrubber } from '../process/scrub.ts';
import { message } from '../testing/forward-messages.ts';
import { fuzzWith, FUZZ_BYTES_MAX as SIZE_MAX } from '../testing/fuzz.ts';
import { Handshake } from './forward-handshake.ts';

const entries = Buffer.concat([encode([1_763_900_000, { log: 'a' }]), encode([1, { log: 'b', source: 'stdout' }])]);
const line =
  '{"ClientHost":"203.0.113.7","user":"bob","q":"/a?b=1","e":"x@example.org","a":"2001:db8::1","level":"info"}';
const gelf = Buffer.from(JSON.stringify({ host: 'h', short_message: line, timestamp: 1.5, _tag: 't' }));

/** The committed corpus: what each decoder is for, and what has troubled decoders elsewhere. */
const CORPUS: Readonly<Record<string, Buffer[]>> = {
  forward: [
    Buffer.from(message({})),
    Buffer.from(
      message({ option: { chunk: 'abc' }, extra: { partial_message: 'true', partial_id: 'x', partial_last: 'false' } }),
    ),
    Buffer.from(encode(['tag', [[1, { log: 'x' }]], { size: 1 }])),
    Buffer.from(encode(['tag', entries, { chunk: 'c' }])),
    Buffer.from(encode(['tag', gzipSync(entries), { compressed: 'gzip' }])),
    Buffer.from(encode([1, { a: [1, [2, [3]]], log: 1.5 }])),
    Buffer.from('ddffffffff', 'hex'),
    Buffer.from('dbffffffff', 'hex'),
    Buffer.alloc(200, 0x91),
    Buffer.from('c0', 'hex'),
  ],
  text: [
    Buffer.from(line),
    Buffer.from('<165>1 2026-11-24T22:01:02.003Z host app 7 ID [a@1 k="v\\"]"] hello'),
    Buffer.from('<34>Nov 24 22:01:02 host su[9]: Authorization: Bearer abc http://u:p@h/x?y=1 ::ffff:10.0.0.1'),
    Buffer.from('12 <1>abcdefgh\n'),
    Buffer.from(JSON.stringify({ log: `${line}\n`, stream: 'stderr', time: '2026-11-24T22:01:02.5Z' })),
    Buffer.from('{"log":"\\ud83d\\ude00\\u0000 cut"}'),
  ],
  gelf: [
    gelf,
    gzipSync(gelf),
    Buffer.concat([Buffer.from([0x1e, 0x0f, 1, 2, 3, 4, 5, 6, 7, 8, 0, 2]), gelf]),
    Buffer.concat([Buffer.from([0x1e, 0x0f, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2]), gelf]),
  ],
  journal: [
    Buffer.from('__CURSOR=s=1\nMESSAGE=hello\n\n'),
    Buffer.concat([Buffer.from('MESSAGE\n'), Buffer.from([3, 0, 0, 0, 0, 0, 0, 0]), Buffer.from('a\nb\n\n')]),
  ],
};

function fuzz(corpus: keyof typeof CORPUS, take: (bytes: Buffer) => void): void {
  fuzzWith(CORPUS[corpus] as Buffer[], take);
}

test('Forward: scanning ends within the bytes, and what is taken lies within them', () => {
  const scanner = new ForwardScanner(SIZE_MAX);
  const sink = {
    take: (record: ForwardScanner) => {
      for (const [start, end] of [
        [record.tagStart, record.tagEnd],
        [record.logStart, record.logEnd],
      ] as const)
        if (start >= 0 && (end < start || end > record.bytes.length)) throw new Error('a field reaches past the end');
      if (record.logStart < 0) recordToJson(record.bytes, record.view, record.recordStart);
    },
  };
  fuzz('forward', (bytes) => {
    scanner.bind(bytes);
    const after = scanner.scan(0, bytes.length);
    if (after > bytes.length) throw new Error('the scan reaches past the end');
    if (after > 0) sink.take(scanner);
    const whole = scanner.skip(0, bytes.length);
    if (whole > 0) takeValue(scanner, 0, whole, { sink: sink as never, decompressedMax: 65_536 });
  });
});

test('the handshake lets nobody in by chance', () => {
  const handshake = new Handshake({ sharedKey: 'k', users: {}, hostname: 'h' }, (count) => randomBytes(count));
  fuzz('forward', (bytes) => {
    if (handshake.answer(bytes).ok) throw new Error('let in');
  });
});

test('syslog, framing, JSON and json-files take any text', () => {
  const syslog = new SyslogMessage();
  const fields = new JsonFields(['level', 'log', 'user']);
  fuzz('text', (bytes) => {
    syslog.read(bytes, 0, bytes.length, 1_763_900_000_000);
    if (syslog.textStart > bytes.length) throw new Error('the text lies past the end');
    fields.find(bytes, 0, bytes.length);
    const file = new DockerJsonFile(1000, () => {});
    file.read(bytes, 0, bytes.length);
    file.finish();
    for (const framing of ['newline', 'nul', 'syslog'] as const) {
      const framer = new Framer({ framing, messageMax: 100, take: () => {} });
      if (framer.push(bytes, 0, bytes.length)) framer.finish();
      if (framer.pendingBytes > 220) throw new Error('too much is kept');
    }
  });
});

test('the scrubber keeps within its line', () => {
  const all = {
    ipv4: 'truncate',
    ipv6: 'truncate',
    email: 'hash',
    login: 'mask',
    query: 'mask',
    authorization: 'hash',
  } as const;
  const settings = { actions: all, loginKeys: [], authorizationKeys: [], rotateMs: 1e9 };
  const scrubber = new Scrubber(settings, { nowMs: () => 0, randomBytes });
  fuzz('text', (bytes) => {
    const memory = Buffer.concat([Buffer.from('1.2.3.'), bytes, Buffer.from('.4')]);
    const length = scrubber.scrub(memory, 6, bytes.length);
    if (
      length < 0 ||
      memory.toString('latin1', 0, 6) !== '1.2.3.' ||
      memory.toString('latin1', 6 + bytes.length) !== '.4'
    )
      throw new Error('bytes outside of the line were changed');
  });
});

test('GELF and the journal take any bytes within their bounds', () => {
  const limits = { messageMax: 10_000, openMax: 20, openBytesMax: 50_000, timeoutMs: 5000 };
  const chunks = new GelfChunks(limits, () => {});
  fuzz('gelf', (bytes) => {
    const whole = chunks.take(bytes, 0);
    if (whole !== undefined) readGelf(whole, limits.messageMax);
    if (chunks.openCount > limits.openMax) throw new Error('too much is kept');
  });
  fuzz('journal', (bytes) => {
    new JournalExport({ fields: ['MESSAGE'], entryMax: 1000, take: () => {} }).push(bytes);
  });
  expect(chunks.openCount).toBeLessThanOrEqual(limits.openMax);
});
