// Builds Forward messages as Docker and others send them, with @msgpack/msgpack: an encoder that is not ours.

import { Encoder, ExtData } from '@msgpack/msgpack';

const encoder = new Encoder({ forceIntegerToFloat: false });

/** EventTime as ext type 0. */
export function eventTime(seconds: number, nanos: number): ExtData {
  const data = new Uint8Array(8);
  const view = new DataView(data.buffer);
  view.setUint32(0, seconds);
  view.setUint32(4, nanos);
  return new ExtData(0, data);
}

/** Any value as MessagePack. */
export function pack(value: unknown): Uint8Array {
  return encoder.encode(value);
}

/** What a message is made of. */
export interface MessageOptions {
  tag?: string;
  /** Seconds, sent as int32 like Docker's default, or EventTime. */
  time?: number | ExtData;
  log?: string | Uint8Array;
  /** Other keys of the record; they win over the built-in ones. */
  extra?: Record<string, unknown>;
  option?: unknown;
}

/** A record with Docker's four keys. */
export function record(options: MessageOptions = {}): Record<string, unknown> {
  return {
    container_id: '0'.repeat(64),
    container_name: '/app',
    source: 'stdout',
    log: options.log ?? 'hi',
    ...options.extra,
  };
}

/** A message in Message mode; `option: 'none'` leaves the fourth element out. */
export function message(options: MessageOptions = {}): Uint8Array {
  const { tag = 'video.peertube', time = 1_763_900_000, option = {} } = options;
  const head = Buffer.of(option === 'none' ? 0x93 : 0x94);
  const timeBytes = typeof time === 'number' ? int32(time) : Buffer.from(pack(time));
  const parts = [head, Buffer.from(pack(tag)), timeBytes, Buffer.from(pack(record(options)))];
  if (option !== 'none') parts.push(Buffer.from(pack(option)));
  return Buffer.concat(parts);
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(5, 0xd2);
  bytes.writeInt32BE(value, 1);
  return bytes;
}
