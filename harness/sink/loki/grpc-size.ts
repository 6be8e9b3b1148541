// The size of the protobuf message that Loki's distributor sends to its ingester. That message, not the body of the
// request, is what `server.grpc_server_max_recv_msg_size` limits, also for JSON pushes; so it is counted exactly as
// it would be encoded (proto3: empty strings and zero numbers are left out, the timestamp message never).

import type { PushedEntry } from './push-request.ts';

/** What of a stream goes into the message; `hash` is the label hash of newer versions, null where there is none. */
export interface SizedStream {
  labels: string;
  hash: bigint | null;
  entries: readonly PushedEntry[];
}

/** Bytes of the encoded PushRequest. */
export function grpcMessageBytes(streams: readonly SizedStream[]): number {
  let total = 0;
  for (const stream of streams) total += fieldBytes(streamBytes(stream));
  return total;
}

function streamBytes(stream: SizedStream): number {
  let bytes = textBytes(stream.labels);
  for (const entry of stream.entries) bytes += fieldBytes(entryMessageBytes(entry));
  return stream.hash === null || stream.hash === 0n ? bytes : bytes + 1 + bigVarintBytes(stream.hash);
}

function entryMessageBytes(entry: PushedEntry): number {
  let bytes = fieldBytes(timestampBytes(entry.tsNs));
  if (entry.line.length > 0) bytes += fieldBytes(entry.line.length);
  for (const [name, value] of entry.metadata) bytes += fieldBytes(textBytes(name) + textBytes(value));
  return bytes;
}

const SECOND_NS = 1_000_000_000n;

function timestampBytes(tsNs: bigint): number {
  let seconds = tsNs / SECOND_NS;
  let nanos = Number(tsNs % SECOND_NS);
  if (nanos < 0) {
    nanos += 1e9;
    seconds -= 1n;
  }
  const secondsBytes = seconds === 0n ? 0 : 1 + (seconds < 0n ? 10 : varintBytes(Number(seconds)));
  return secondsBytes + (nanos === 0 ? 0 : 1 + varintBytes(nanos));
}

function textBytes(text: string): number {
  return text === '' ? 0 : fieldBytes(Buffer.byteLength(text));
}

/** A length-delimited field with a number below 16: tag, length, content. */
function fieldBytes(length: number): number {
  return 1 + varintBytes(length) + length;
}

function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest >= 128; rest /= 128) bytes++;
  return bytes;
}

function bigVarintBytes(value: bigint): number {
  let bytes = 1;
  for (let rest = value; rest >= 128n; rest >>= 7n) bytes++;
  return bytes;
}
