// Push bodies for tests of sinks, encoded by hand and apart from the code under test: protobuf fields written one
// after another, JSON by JSON.stringify.

import { compressSync } from 'snappy';

/** One line to push. */
export interface TestEntry {
  tsNs: bigint;
  line: string | Buffer;
  metadata?: Record<string, string>;
}

/** A stream to push; `labels` is its selector text. */
export interface TestStream {
  labels: string;
  entries: TestEntry[];
}

/** A PushRequest, uncompressed. */
export function encodeProtobuf(streams: readonly TestStream[]): Buffer {
  return Buffer.concat(
    streams.map(({ labels, entries }) =>
      bytesField(
        1,
        Buffer.concat([textField(1, labels), ...entries.map((entry) => bytesField(2, encodeEntry(entry)))]),
      ),
    ),
  );
}

/** A PushRequest as agents send it: a raw snappy block. */
export function encodeSnappy(streams: readonly TestStream[]): Buffer {
  return compressSync(encodeProtobuf(streams));
}

/** The JSON of /loki/api/v1/push. */
export function encodeJson(streams: readonly { stream: Record<string, string>; entries: TestEntry[] }[]): Buffer {
  const values = (entries: TestEntry[]): unknown[] =>
    entries.map(({ tsNs, line, metadata }) => [String(tsNs), String(line), ...(metadata ? [metadata] : [])]);
  return Buffer.from(
    JSON.stringify({ streams: streams.map(({ stream, entries }) => ({ stream, values: values(entries) })) }),
  );
}

/** The JSON of /api/prom/push. */
export function encodeLegacyJson(streams: readonly TestStream[]): Buffer {
  const entry = ({ tsNs, line }: TestEntry): object => ({ ts: rfc3339(tsNs), line: String(line) });
  return Buffer.from(
    JSON.stringify({ streams: streams.map(({ labels, entries }) => ({ labels, entries: entries.map(entry) })) }),
  );
}

function rfc3339(tsNs: bigint): string {
  const whole = new Date(Number(tsNs / 1_000_000_000n) * 1_000).toISOString().slice(0, 19);
  return `${whole}.${String(tsNs % 1_000_000_000n).padStart(9, '0')}Z`;
}

function encodeEntry({ tsNs, line, metadata = {} }: TestEntry): Buffer {
  const seconds = tsNs / 1_000_000_000n;
  const nanos = tsNs % 1_000_000_000n;
  const pairs = Object.entries(metadata).map(([name, value]) =>
    bytesField(3, Buffer.concat([textField(1, name), textField(2, value)])),
  );
  return Buffer.concat([
    bytesField(1, Buffer.concat([numberField(1, seconds), numberField(2, nanos)])),
    textField(2, line),
    ...pairs,
  ]);
}

/** As proto3 has it: nothing for an empty text. */
export function textField(number: number, text: string | Buffer): Buffer {
  return text.length === 0 ? Buffer.alloc(0) : bytesField(number, Buffer.from(text as string));
}

/** A field of bytes: tag, length, content. */
export function bytesField(number: number, bytes: Buffer): Buffer {
  return Buffer.concat([varint(BigInt(number * 8 + 2)), varint(BigInt(bytes.length)), bytes]);
}

/** As proto3 has it: nothing for a zero. */
export function numberField(number: number, value: bigint): Buffer {
  return value === 0n ? Buffer.alloc(0) : Buffer.concat([varint(BigInt(number * 8)), varint(value)]);
}

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
  return Buffer.from(bytes);
}
