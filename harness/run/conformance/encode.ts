// Messages of the Forward protocol as senders write them: four modes, both kinds of time, options. Written for tests of
// other programs, so it also writes what no sender should.

import { gzipSync } from 'node:zlib';
import { Encoder, ExtData } from '@msgpack/msgpack';

/** One record: its line and what stands beside it. */
export interface SentRecord {
  /** Nanoseconds since 1970. */
  timeNs: bigint;
  fields: Record<string, string>;
}

/** How a message is written. */
export interface MessageForm {
  mode: 'message' | 'forward' | 'packed' | 'packed-str' | 'compressed';
  /** `integer`: whole seconds. */
  time: 'integer' | 'event-time';
  /** Asks for an ack of this chunk. */
  chunk?: string;
  /** Compressed: gzip members that the payload is cut into. */
  members?: number;
}

const encoder = new Encoder();
const pack = (value: unknown): Buffer => Buffer.from(encoder.encode(value));

/** The bytes of one message. In message mode only the first record is sent. */
export function encodeMessage(tag: string, records: readonly SentRecord[], form: MessageForm): Buffer {
  const entries = records.map((record) => [encodeTime(record.timeNs, form.time), record.fields]);
  const option = {
    ...(form.chunk === undefined ? {} : { chunk: form.chunk }),
    ...(form.mode === 'compressed' ? { compressed: 'gzip' } : {}),
  };
  if (form.mode === 'message') return pack([tag, ...entries[0]!, option]);
  if (form.mode === 'forward') return pack([tag, entries, option]);
  const packed = entries.map((entry) => pack(entry));
  if (form.mode === 'packed') return pack([tag, Buffer.concat(packed), option]);
  if (form.mode === 'packed-str') return encodePackedText(tag, Buffer.concat(packed), option);
  return pack([tag, compress(packed, form.members ?? 1), option]);
}

function encodeTime(timeNs: bigint, time: MessageForm['time']): number | ExtData {
  const seconds = Number(timeNs / 1_000_000_000n);
  if (time === 'integer') return seconds;
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32BE(seconds, 0);
  bytes.writeUInt32BE(Number(timeNs % 1_000_000_000n), 4);
  return new ExtData(0, bytes);
}

/** As Fluentd sends it: the packed bytes under the header of a text (str 32). */
function encodePackedText(tag: string, packed: Buffer, option: unknown): Buffer {
  const header = Buffer.from([0xdb, 0, 0, 0, 0]);
  header.writeUInt32BE(packed.length, 1);
  return Buffer.concat([Buffer.from([0x93]), pack(tag), header, packed, pack(option)]);
}

function compress(packed: readonly Buffer[], members: number): Buffer {
  const perMember = Math.ceil(packed.length / members);
  const parts: Buffer[] = [];
  for (let from = 0; from < packed.length; from += perMember)
    parts.push(gzipSync(Buffer.concat(packed.slice(from, from + perMember))));
  return Buffer.concat(parts);
}
