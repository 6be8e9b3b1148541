// Messages over a stream: four bytes of length, then the structured clone, so that Infinity, bigint and bytes pass as
// they do over a child's IPC channel.

import { deserialize, serialize } from 'node:v8';

const HEAD_BYTES = 4;

/** A message with its length in front. */
export function encodeFrame(message: unknown): Buffer {
  const body = serialize(message);
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32BE(body.length);
  return Buffer.concat([head, body]);
}

/** Takes chunks as they come and hands on whole messages. */
export function createFrameReader(onMessage: (message: never) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.length >= HEAD_BYTES) {
      const end = HEAD_BYTES + rest.readUInt32BE();
      if (rest.length < end) return;
      const message = deserialize(rest.subarray(HEAD_BYTES, end)) as never;
      rest = rest.subarray(end);
      onMessage(message);
    }
  };
}
