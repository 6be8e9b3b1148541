// GELF: puts the chunks of a message together (UDP), unpacks it, and reads the JSON.
//
//   1e 0f │ id, 8 bytes │ number │ count │ part of the message        message: JSON, or gzip or zlib of it

import { gunzipSync, inflateSync } from 'node:zlib';

/** A message as the agent uses it. */
export interface GelfMessage {
  line: string;
  host: string;
  /** Docker's `_tag` and `_container_name`, empty elsewhere. */
  tag: string;
  containerName: string;
  /** Docker's `_container_id`. */
  containerId: string;
  /** 0 where there is no time. */
  seconds: number;
  nanos: number;
}

/** Bounds on what a sender can make the agent keep. */
export interface GelfLimits {
  /** A message once unpacked. */
  messageMax: number;
  /** Messages under way at once; the oldest is given up. */
  openMax: number;
  /** Their memory. */
  openBytesMax: number;
  /** The specification says five seconds. */
  timeoutMs: number;
}

/** Why chunks were given up. */
export type ChunkTrouble = 'malformed' | 'incomplete';

const HEADER_BYTES = 12;
const CHUNKS_MAX = 128;

interface OpenMessage {
  parts: (Uint8Array | undefined)[];
  missing: number;
  bytes: number;
  deadlineMs: number;
}

/** Puts chunks together. */
export class GelfChunks {
  private readonly limits: GelfLimits;
  private readonly open = new Map<string, OpenMessage>();
  private readonly trouble: (what: ChunkTrouble) => void;
  private openBytes = 0;

  constructor(limits: GelfLimits, trouble: (what: ChunkTrouble) => void) {
    this.limits = limits;
    this.trouble = trouble;
  }

  /** Messages under way. */
  get openCount(): number {
    return this.open.size;
  }

  /** Takes a datagram; gives the whole message as soon as it is there. A copy, unless the datagram is the message. */
  take(datagram: Uint8Array, nowMs: number): Uint8Array | undefined {
    if (datagram[0] !== 0x1e || datagram[1] !== 0x0f) return datagram;
    this.expire(nowMs);
    const number = datagram[10];
    const count = datagram[11];
    if (number === undefined || count === undefined || count === 0 || count > CHUNKS_MAX || number >= count)
      return this.refuse();
    const id = Buffer.from(datagram.subarray(2, 10)).toString('latin1');
    let message = this.open.get(id);
    if (message === undefined) {
      message = {
        parts: new Array(count).fill(undefined),
        missing: count,
        bytes: 0,
        deadlineMs: nowMs + this.limits.timeoutMs,
      };
      this.open.set(id, message);
    }
    if (message.parts.length !== count) return this.refuse();
    if (message.parts[number] === undefined) {
      const part = datagram.slice(HEADER_BYTES);
      message.parts[number] = part;
      message.missing--;
      message.bytes += part.length;
      this.openBytes += part.length;
    }
    if (message.missing === 0) {
      this.forget(id, message);
      return Buffer.concat(message.parts as Uint8Array[]);
    }
    this.makeRoom();
    return undefined;
  }

  private refuse(): undefined {
    this.trouble('malformed');
  }

  private expire(nowMs: number): void {
    for (const [id, message] of this.open) {
      if (message.deadlineMs > nowMs) return;
      this.giveUp(id, message);
    }
  }

  private makeRoom(): void {
    for (const [id, message] of this.open) {
      if (this.open.size <= this.limits.openMax && this.openBytes <= this.limits.openBytesMax) return;
      this.giveUp(id, message);
    }
  }

  private giveUp(id: string, message: OpenMessage): void {
    this.forget(id, message);
    this.trouble('incomplete');
  }

  private forget(id: string, message: OpenMessage): void {
    this.open.delete(id);
    this.openBytes -= message.bytes;
  }
}

/** Unpacks and reads a message; `undefined` if it is none, or is larger than `messageMax` bytes. */
export function readGelf(bytes: Uint8Array, messageMax: number): GelfMessage | undefined {
  try {
    const plain = unpack(bytes, messageMax);
    if (plain.length > messageMax) return undefined;
    const value = JSON.parse(Buffer.from(plain.buffer, plain.byteOffset, plain.length).toString('utf8')) as unknown;
    if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined;
    return fromRecord(value as Record<string, unknown>);
  } catch {
    return undefined;
  }
}

function unpack(bytes: Uint8Array, maxOutputLength: number): Uint8Array {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return gunzipSync(bytes, { maxOutputLength });
  if (bytes[0] === 0x78) return inflateSync(bytes, { maxOutputLength });
  return bytes;
}

function fromRecord(record: Record<string, unknown>): GelfMessage | undefined {
  const text = (key: string): string => {
    const value = Object.hasOwn(record, key) ? record[key] : undefined;
    return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
  };
  const short = text('short_message');
  const full = text('full_message');
  if (short === '' && full === '') return undefined;
  const time = Number(text('timestamp'));
  const seconds = Number.isFinite(time) && time > 0 ? Math.floor(time) : 0;
  return {
    line: full === '' ? short : full,
    host: text('host'),
    tag: text('_tag'),
    containerName: text('_container_name'),
    containerId: text('_container_id'),
    seconds,
    // A double holds today's seconds to a quarter of a microsecond.
    nanos: seconds > 0 ? Math.min(999_999_000, Math.round((time - seconds) * 1e6) * 1000) : 0,
  };
}
