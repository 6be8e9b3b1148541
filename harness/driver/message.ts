// The wire image of a message, byte for byte as the driver writes it: array of 4 · tag · time · record · options.
//
//   94  tag  d2 int32 | d7 00 sec nsec  { container_id container_name source log … }  c0 | 80 | { chunk }
//
// The keys of the record come in random order, as Go iterates its maps. For ordinary lines everything around time
// and line is laid out in advance in some dozens of orders, so that a message is three copies; pieces of long lines
// are put together one by one.

import type { Prng } from '../core/prng.ts';
import { LINE_BUFFER_BYTES } from './copier.ts';
import { copyMeta, type LineMessage, type OutMessage, STREAMS } from './log-message.ts';
import type { Generation } from './version.ts';
import { packMapHeader, packString, writeStringHeader } from './wire.ts';

/** What is the same in all messages of a container. */
export interface MessageTerms {
  tag: string;
  containerId: string;
  /** Without the leading slash that the record shows. */
  containerName: string;
  /** Labels and environment variables: a key named like a field of the record replaces it. */
  extras: Record<string, string>;
  generation: Generation;
  subSecond: boolean;
  requestAck: boolean;
  prng: Prng;
}

/** Encodes the messages of one container. */
export interface MessageEncoder {
  /** Fills `out` with the message. Its bytes hold until the next message of the same stream is encoded. */
  encode(message: LineMessage, out: OutMessage): void;
}

const LAYOUTS = 32;
const MESSAGE_START = 0x94;
/** Time, prefix of the line, and for a piece its four fields at their longest. */
const ROOM_BYTES = 512;

/** An encoder with a buffer of its own for each stream. */
export function createMessageEncoder(terms: MessageTerms): MessageEncoder {
  const { prng, generation, subSecond } = terms;
  const head = Buffer.concat([Buffer.of(MESSAGE_START), packString(terms.tag)]);
  const time = subSecond ? Buffer.of(0xd7, 0, 0, 0, 0, 0, 0, 0, 0, 0) : Buffer.of(0xd2, 0, 0, 0, 0);
  const plain = STREAMS.map((source) => plainFields(terms, source));
  const layouts = plain.map((fields) =>
    Array.from({ length: LAYOUTS }, () => layOut({ fields: shuffle(fields, prng), head, time })),
  );
  const fixedBytes = Math.max(...layouts.flat().map(({ before, after }) => before.length + after.length));
  const scratch = STREAMS.map(() => Buffer.alloc(fixedBytes + LINE_BUFFER_BYTES + ROOM_BYTES));

  const finish = (message: LineMessage, out: OutMessage, layout: Layout): void => {
    const buffer = scratch[message.stream]!;
    layout.before.copy(buffer);
    writeTime(buffer, head.length, message, subSecond);
    let offset = layout.before.length;
    if (layout.holdsLine) {
      offset = writeStringHeader(buffer, offset, message.lineBytes);
      message.bytes.copy(buffer, offset, message.start, message.end);
      offset += message.lineBytes;
    }
    layout.after.copy(buffer, offset);
    offset = writeOption(buffer, offset + layout.after.length, { message, terms });
    copyMeta(message, out);
    out.bytes = buffer.subarray(0, offset);
  };

  return {
    encode(message, out) {
      if (message.line === null) {
        const order = prng.integer({ min: 0, max: LAYOUTS - 1 });
        return finish(message, out, layouts[message.stream]![order]!);
      }
      const fields = [...plain[message.stream]!, ...pieceFields(message, generation)];
      finish(message, out, layOut({ fields: shuffle(fields, prng), head, time }));
    },
  };
}

/** A field of the record; a null value is where the line goes. */
type Field = readonly [key: string, value: string | null];

function plainFields({ containerId, containerName, extras }: MessageTerms, source: string): Field[] {
  const fields = new Map<string, string | null>([
    ['container_id', containerId],
    ['container_name', `/${containerName}`],
    ['source', source],
    ['log', null],
  ]);
  for (const [key, value] of Object.entries(extras)) fields.set(key, value);
  return [...fields];
}

function pieceFields({ line, ordinal, last }: LineMessage, { fourPartialFields }: Generation): Field[] {
  const first: Field = ['partial_message', 'true'];
  if (!fourPartialFields) return [first];
  return [first, ['partial_id', line!.id], ['partial_ordinal', String(ordinal)], ['partial_last', String(last)]];
}

/** Everything of a message but time, line and options, for one order of its fields. */
interface Layout {
  before: Buffer;
  after: Buffer;
  /** false: an extra named `log` stands in the line's place. */
  holdsLine: boolean;
}

function layOut({ fields, head, time }: { fields: Field[]; head: Buffer; time: Buffer }): Layout {
  const at = fields.findIndex(([, value]) => value === null);
  const pack = (some: Field[]): Buffer[] =>
    some.flatMap(([key, value]) => (value === null ? [packString(key)] : [packString(key), packString(value)]));
  const split = at === -1 ? fields.length : at + 1;
  return {
    before: Buffer.concat([head, time, packMapHeader(fields.length), ...pack(fields.slice(0, split))]),
    after: Buffer.concat(pack(fields.slice(split))),
    holdsLine: at !== -1,
  };
}

function shuffle(fields: readonly Field[], prng: Prng): Field[] {
  const shuffled = [...fields];
  for (let index = shuffled.length - 1; index > 0; index--) {
    const other = prng.integer({ min: 0, max: index });
    [shuffled[index], shuffled[other]] = [shuffled[other]!, shuffled[index]!];
  }
  return shuffled;
}

function writeTime(buffer: Buffer, offset: number, { seconds, nanoseconds }: LineMessage, subSecond: boolean): void {
  buffer.writeInt32BE(seconds | 0, offset + (subSecond ? 2 : 1));
  if (subSecond) buffer.writeUInt32BE(nanoseconds, offset + 6);
}

/** Bytes of a chunk id in its base64 form. */
export const CHUNK_ID_BYTES = 24;
const CHUNK_KEY = Buffer.concat([Buffer.of(0x81), packString('chunk'), Buffer.of(0xa0 | CHUNK_ID_BYTES)]);

/** Nil, an empty map, or the id that the agent is to acknowledge: base64 of seconds and a random number, both LE. */
function writeOption(buffer: Buffer, offset: number, of: { message: LineMessage; terms: MessageTerms }): number {
  const { generation, requestAck, prng } = of.terms;
  if (!requestAck) {
    buffer[offset] = generation.optionMap ? 0x80 : 0xc0;
    return offset + 1;
  }
  const id = Buffer.alloc(16);
  id.writeBigInt64LE(BigInt(of.message.seconds), 0);
  for (let word = 8; word < 16; word += 4) id.writeUInt32LE(prng.integer({ min: 0, max: 0xffff_ffff }), word);
  CHUNK_KEY.copy(buffer, offset);
  return offset + CHUNK_KEY.length + buffer.write(id.toString('base64'), offset + CHUNK_KEY.length, 'latin1');
}
