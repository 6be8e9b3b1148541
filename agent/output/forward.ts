// The Forward output: to a central larsen-agent, Fluentd or Fluent Bit. One PackedForward message per tag, each with a
// chunk id whose ack is waited for. A batch whose ack does not come is sent again, with the same ids: at least once.

import { createHash } from 'node:crypto';
import { decode, encode as pack } from '@msgpack/msgpack';
import { INCOMPLETE, ValueSkipper } from '../codec/msgpack.ts';
import { type PushEntry, parseLabels, readEntries } from '../codec/push-reader.ts';
import type { Output } from '../model.ts';
import type { ClientTls, Ports } from '../ports.ts';
import { readFailure } from './failure.ts';
import { OutputStream } from './stream.ts';

/** Settings of the output, see config/output-others.ts. */
export interface ForwardOutputSettings {
  url: string;
  tls?: ClientTls | undefined;
  security?: { sharedKey: string; hostname?: string | undefined; username: string; password: string } | undefined;
  ack: boolean;
}

/** Creates the output. With more than one push in flight these wait for each other: there is one connection. */
export function createForwardOutput(settings: ForwardOutputSettings, ports: Pick<Ports, 'net' | 'random'>): Output {
  const stream = new OutputStream({ net: ports.net, url: settings.url, tls: settings.tls });
  const { security } = settings;
  if (security !== undefined)
    stream.onOpen = (signal) => shakeHands(stream, security, { salt: ports.random.bytes(16), signal });
  let turn: Promise<unknown> = Promise.resolve();
  const push = async (sealed: Uint8Array, signal: AbortSignal) => {
    try {
      await stream.open(signal);
      const { messages, chunks } = encode(sealed, settings.ack);
      await stream.write(Buffer.concat(messages));
      const left = new Set(settings.ack ? chunks : []);
      await stream.waitFor((unread) => {
        for (const ack of takeValues(stream, unread)) left.delete(String((ack as { ack?: unknown }).ack));
        return left.size === 0 ? true : undefined;
      }, signal);
      return { verdict: { kind: 'sent' as const }, status: 'acked' };
    } catch (error) {
      // Half a message may be on its way: only a new connection is in step with the far end.
      stream.close();
      if (error instanceof HandshakeError)
        return {
          verdict: { kind: 'blocked' as const, code: 'W_SINK_SETTINGS', why: error.message },
          status: 'refused',
        };
      return readFailure(error, 'no ack', signal);
    }
  };
  return {
    push(sealed, signal) {
      const done = turn.then(() => push(sealed, signal));
      turn = done;
      return done;
    },
  };
}

/** What the far end says is small: acks and greetings. */
const VALUE_BYTES_MAX = 65_536;

class HandshakeError extends Error {}

/** HELO, PING, PONG of the protocol's specification, version 1. */
async function shakeHands(
  stream: OutputStream,
  security: NonNullable<ForwardOutputSettings['security']>,
  { salt, signal }: { salt: Uint8Array; signal: AbortSignal },
): Promise<void> {
  const next = (): Promise<unknown> => stream.waitFor((unread) => takeValues(stream, unread, 1)[0], signal);
  const helo = await next();
  if (!Array.isArray(helo) || helo[0] !== 'HELO') throw new HandshakeError('the receiver does not begin with HELO');
  const { nonce = '', auth = '' } = (helo[1] ?? {}) as { nonce?: string | Uint8Array; auth?: string | Uint8Array };
  const hostname = security.hostname ?? 'larsen-agent';
  const isUser = auth.length > 0;
  const password = isUser ? hash(auth, security.username, security.password) : '';
  const digest = hash(salt, hostname, nonce, security.sharedKey);
  await stream.write(pack(['PING', hostname, salt, digest, isUser ? security.username : '', password]));
  const pong = await next();
  if (!Array.isArray(pong) || pong[0] !== 'PONG' || pong[1] !== true)
    throw new HandshakeError('the receiver refuses the shared key, user or password: check `security`');
  if (pong[4] !== hash(salt, String(pong[3]), nonce, security.sharedKey))
    throw new HandshakeError('the receiver does not know the shared key: it is not the one that it should be');
}

function hash(...parts: (string | Uint8Array)[]): string {
  const sum = createHash('sha512');
  for (const part of parts) sum.update(part);
  return sum.digest('hex');
}

/** Takes whole MessagePack values off the front of what the far end has said. */
function takeValues(stream: OutputStream, unread: Buffer, most = Number.POSITIVE_INFINITY): unknown[] {
  const values: unknown[] = [];
  const view = new DataView(unread.buffer, unread.byteOffset, unread.length);
  const skipper = new ValueSkipper(VALUE_BYTES_MAX);
  let at = 0;
  while (values.length < most && at < unread.length) {
    skipper.reset(at);
    const end = skipper.next(unread, view, unread.length);
    if (end === INCOMPLETE) break;
    if (end <= 0) throw Object.assign(new Error('no MessagePack'), { code: 'EPROTO' });
    values.push(decode(unread.subarray(at, end)));
    at = end;
  }
  stream.unread = unread.subarray(at);
  return values;
}

function encode(sealed: Uint8Array, ack: boolean): { messages: Uint8Array[]; chunks: string[] } {
  const byTag = new Map<string, Uint8Array[]>();
  const sets = new Map<string, Record<string, string>>();
  for (const entry of readEntries(sealed)) {
    const labels = sets.get(entry.labels) ?? parseLabels(entry.labels);
    sets.set(entry.labels, labels);
    const { tag = labels.app ?? 'larsen', ...rest } = labels;
    const entries = byTag.get(tag) ?? [];
    byTag.set(tag, entries);
    entries.push(encodeEntry(entry, rest));
  }
  const messages: Uint8Array[] = [];
  const chunks: string[] = [];
  for (const [tag, entries] of byTag) {
    const packed = Buffer.concat(entries);
    const chunk = createHash('sha1').update(tag).update(packed).digest('base64');
    chunks.push(chunk);
    messages.push(pack([tag, packed, { size: entries.length, ...(ack ? { chunk } : {}) }]));
  }
  return { messages, chunks };
}

/** `[EventTime, { …metadata, …labels, log }]`; the line is a str of the bytes as they are. */
function encodeEntry({ seconds, nanos, line, metadata }: PushEntry, labels: Record<string, string>): Uint8Array {
  const pairs = Object.entries({ ...metadata, ...labels }).filter(([name]) => name !== 'log');
  const head = Buffer.alloc(11);
  head[0] = 0x92;
  head[1] = 0xd7;
  head.writeUInt32BE(seconds >>> 0, 3);
  head.writeUInt32BE(nanos, 7);
  const size = pairs.length + 1;
  const map = size < 16 ? Buffer.of(0x80 | size) : Buffer.of(0xde, size >> 8, size & 255);
  const length = Buffer.alloc(5);
  length[0] = 0xdb;
  length.writeUInt32BE(line.length, 1);
  return Buffer.concat([head, map, ...pairs.flat().map((text) => pack(text)), pack('log'), length, line]);
}
