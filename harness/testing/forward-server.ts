// A Forward server of a test on a unix socket: reads or not as it is told, answers acks when asked to, and keeps what
// came with the bytes that a decoder would hide: the time's encoding and a line that is not UTF-8.

import { rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { decodeMulti, Encoder, ExtensionCodec } from '@msgpack/msgpack';

/** One message in Message mode. */
export interface ServedMessage {
  tag: string;
  /** The time as it was encoded, hex. */
  timeHex: string;
  record: Record<string, string>;
  /** The line's own bytes. */
  log: Buffer;
  option: unknown;
}

/** A server under the test's control. */
export interface ServerUnderTest {
  /** All messages read so far, connection after connection. */
  messages(): ServedMessage[];
  thaw(): void;
  /** Acks every message that has come and comes. */
  ackAll(): void;
  /** Ends its connections and stops listening. */
  close(): Promise<void>;
}

/** Listens at `path`; frozen: accepts and does not read. */
export async function createTestServer(path: string, { frozen = false } = {}): Promise<ServerUnderTest> {
  const connections: { socket: Socket; chunks: Buffer[]; acked: number }[] = [];
  let isFrozen = frozen;
  let acks = false;
  const answer = (connection: (typeof connections)[number]): void => {
    const messages = decodeMessages(Buffer.concat(connection.chunks));
    for (; connection.acked < messages.length; connection.acked++) {
      const { chunk } = (messages[connection.acked]!.option ?? {}) as { chunk?: string };
      if (chunk && !connection.socket.destroyed) connection.socket.write(new Encoder().encode({ ack: chunk }));
    }
  };
  const server = createServer({ pauseOnConnect: isFrozen }, (socket) => {
    const connection = { socket, chunks: [] as Buffer[], acked: 0 };
    connections.push(connection);
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      connection.chunks.push(bytes);
      if (acks) answer(connection);
    });
    if (isFrozen) socket.pause();
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    messages: () => connections.flatMap(({ chunks }) => decodeMessages(Buffer.concat(chunks))),
    thaw() {
      isFrozen = false;
      for (const { socket } of connections) socket.resume();
    },
    ackAll() {
      acks = true;
      for (const connection of connections) answer(connection);
    },
    async close() {
      // First the listener: a driver that connects again at once must not find it and lose what it writes there.
      const closed = new Promise((resolve) => server.close(resolve));
      for (const { socket } of connections) socket.destroy();
      await closed;
      rmSync(path, { force: true });
    },
  };
}

/** The text `log` as a msgpack fixstr, the key before the line. */
const LOG_KEY = Buffer.from('a36c6f67', 'hex');

function decodeMessages(bytes: Buffer): ServedMessage[] {
  const messages: ServedMessage[] = [];
  const extensionCodec = new ExtensionCodec();
  let from = 0;
  for (const [tag, time, record, option] of safely(decodeMulti(bytes, { extensionCodec }))) {
    // The time stands right behind the tag, in one of two encodings.
    const timeAt = from + 1 + (Buffer.byteLength(tag) < 32 ? 1 : 2) + Buffer.byteLength(tag);
    const timeBytes = bytes[timeAt] === 0xd7 ? 10 : 5;
    const logAt = bytes.indexOf(LOG_KEY, timeAt) + LOG_KEY.length;
    const next = findNext(bytes, timeAt, tag);
    messages.push({
      ...{ tag, record, option },
      timeHex: bytes.toString('hex', timeAt, timeAt + timeBytes),
      log: readText(bytes, logAt),
    });
    void time;
    from = next;
  }
  return messages;
}

type Raw = [tag: string, time: unknown, record: Record<string, string>, option: unknown];

/** The whole messages; what is torn at the end is left. */
function* safely(decoded: Generator<unknown>): Generator<Raw> {
  try {
    for (const message of decoded) yield message as Raw;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
}

/** Where the next message begins: an array of four with the same tag. One container has one tag. */
function findNext(bytes: Buffer, from: number, tag: string): number {
  const length = Buffer.byteLength(tag);
  const head = length < 32 ? [0x94, 0xa0 + length] : [0x94, 0xd9, length];
  const at = bytes.indexOf(Buffer.concat([Buffer.from(head), Buffer.from(tag)]), from);
  return at === -1 ? bytes.length : at;
}

function readText(bytes: Buffer, at: number): Buffer {
  const type = bytes[at]!;
  if (type >= 0xa0 && type <= 0xbf) return bytes.subarray(at + 1, at + 1 + (type & 0x1f));
  if (type === 0xd9) return bytes.subarray(at + 2, at + 2 + bytes[at + 1]!);
  return bytes.subarray(at + 3, at + 3 + bytes.readUInt16BE(at + 1));
}
