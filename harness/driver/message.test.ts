import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPrng } from '../core/prng.ts';
import { createLineMessage, createOutMessage, type LineMessage, type LongLine } from './log-message.ts';
import { createMessageEncoder, type MessageTerms } from './message.ts';
import { decodeMessages } from './testing/virtual-agent.ts';
import { findGeneration } from './version.ts';

const TERMS: MessageTerms = {
  tag: '000000000000',
  containerId: '0'.repeat(64),
  containerName: 'app',
  extras: {},
  generation: findGeneration('20.10'),
  subSecond: false,
  requestAck: false,
  prng: createPrng(7),
};

function message(text: string, over: Partial<LineMessage> = {}): LineMessage {
  const bytes = Buffer.from(text, 'latin1');
  const whole = { bytes, end: bytes.length, lineBytes: bytes.length, seconds: 1_557_683_843, nanoseconds: 123_456_789 };
  return { ...createLineMessage(0), ...whole, ...over };
}

function encode(terms: Partial<MessageTerms>, ...messages: LineMessage[]): Buffer[] {
  const encoder = createMessageEncoder({ ...TERMS, ...terms });
  return messages.map((one) => {
    const out = createOutMessage(one.stream);
    encoder.encode(one, out);
    return Buffer.from(out.bytes);
  });
}

const LONG: LongLine = {
  ...{ id: 'f'.repeat(64), seconds: 1, nanoseconds: 0, ordinal: 2, bytes: 0, seq: -1, open: 0 },
  ...{ ended: false, lost: null, held: false },
};

describe('the wire image of a message', () => {
  it('is the golden vector, in one of the orders of its keys', () => {
    const golden = `94ac${'30'.repeat(12)}d25cd85e8384ac${hex('container_id')}d940${'30'.repeat(64)}ae${hex('container_name')}a42f617070a6${hex('source')}a6${hex('stdout')}a3${hex('log')}a2686980`;
    const messages = encode({}, ...Array.from({ length: 2_000 }, () => message('hi')));
    const seen = new Set(messages.map((bytes) => bytes.toString('hex')));
    expect(seen).toContain(golden);
    expect(seen.size).toBeGreaterThan(10);
    expect(messages.every((bytes) => bytes.length === 141)).toBe(true);
  });

  it('adds 157 bytes to a line of 256 bytes or more', () => {
    const [bytes] = encode({ containerName: 'peertube_peertube_1' }, message('x'.repeat(1_000)));
    expect(bytes!.length).toBe(1_157);
  });

  it('has whole seconds as int32, and an EventTime with fluentd-sub-second-precision', () => {
    expect(encode({}, message('hi'))[0]!.toString('hex', 14, 19)).toBe('d25cd85e83');
    expect(encode({ subSecond: true }, message('hi'))[0]!.toString('hex', 14, 24)).toBe('d7005cd85e83075bcd15');
  });

  it('ends in nil up to 18.09, in an empty map later, in a chunk id where an ack is asked for', () => {
    expect(encode({ generation: findGeneration('18.09') }, message('hi'))[0]!.at(-1)).toBe(0xc0);
    expect(encode({}, message('hi'))[0]!.at(-1)).toBe(0x80);
    const [one, other] = encode({ requestAck: true }, message('hi'), message('hi'));
    const [[, , , option]] = decodeMessages(one!) as [[string, number, object, { chunk: string }]];
    expect(Buffer.from(option.chunk, 'base64').readBigInt64LE()).toBe(1_557_683_843n);
    expect(option.chunk).toHaveLength(24);
    expect(one!.subarray(-24)).not.toEqual(other!.subarray(-24));
  });

  it('says of a piece all four partial fields, up to 18.09 that it is one', () => {
    const piece = message('tail', { line: { ...LONG }, ordinal: 2, last: true });
    const record = decodeMessages(encode({}, piece)[0]!)[0]![2];
    expect(record).toMatchObject({
      log: 'tail',
      partial_message: 'true',
      partial_id: LONG.id,
      partial_ordinal: '2',
      partial_last: 'true',
    });
    const old = decodeMessages(encode({ generation: findGeneration('18.09') }, piece)[0]!)[0]![2];
    expect(Object.keys(old).sort()).toEqual(['container_id', 'container_name', 'log', 'partial_message', 'source']);
  });

  it('copies labels and variables over the fields, even over the line', () => {
    const extras = { team: 'video', log: 'overwritten', source: 'x' };
    const record = decodeMessages(encode({ extras }, message('the line'))[0]!)[0]![2];
    expect(record).toEqual({ container_id: '0'.repeat(64), container_name: '/app', ...extras });
  });

  it('decodes to the line it was made of, whatever its bytes', () => {
    const lines = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.integer({ min: 16_300, max: 16_384 }).map((length) => new Uint8Array(length).fill(0xff)),
    );
    fc.assert(
      fc.property(lines, fc.integer({ min: 0, max: 1 }), (line, stream) => {
        const text = Buffer.from(line).toString('latin1');
        const [decoded] = decodeMessages(encode({}, message(text, { stream }))[0]!);
        expect(decoded).toEqual([
          TERMS.tag,
          1_557_683_843,
          { container_id: TERMS.containerId, container_name: '/app', source: ['stdout', 'stderr'][stream], log: text },
          {},
        ]);
      }),
      { numRuns: 200 },
    );
  });
});

function hex(text: string): string {
  return Buffer.from(text).toString('hex');
}
