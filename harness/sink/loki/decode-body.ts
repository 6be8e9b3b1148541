// From the bytes of a push to its streams: content type, content encoding, then JSON or snappy and protobuf, with
// the order of checks and the texts of each version. Sizes are bounded before memory is spent on them.

import { gunzipSync, inflateRawSync } from 'node:zlib';
import { uncompressSync } from 'snappy';
import { REFUSAL_TEXTS } from './limits.ts';
import { decodeOtlpJson } from './otlp-json.ts';
import { streamsOfOtlp } from './otlp-logs.ts';
import { decodeOtlpProtobuf } from './otlp-protobuf.ts';
import { decodePushJson, type JsonShape } from './push-json.ts';
import { decodePushProtobuf } from './push-protobuf.ts';
import type { PushedStream } from './push-request.ts';
import { Refusal } from './refusal.ts';
import type { LokiTraits } from './version.ts';

/** Compressed protobuf above this is a 413: `distributor.max_recv_msg_size`. */
const COMPRESSED_MAX_BYTES = 104_857_600;
/** Loki takes 5 GB here; a sink that shares a laptop with what it judges must stop earlier. */
const DECOMPRESSED_MAX_BYTES = 268_435_456;

/** Label text of one stream above this is a 413 too. */
const LABELS_MAX_BYTES = 16_777_216;

/** What decides how a body is read. */
export interface PushBody {
  contentType: string | undefined;
  contentEncoding: string | undefined;
  /** `otlp`: neither of the two JSON shapes nor a PushRequest. */
  shape: JsonShape | 'otlp';
  body: Buffer;
}

/** The streams of a push. Throws a Refusal. */
export function decodePushBody(push: PushBody, traits: LokiTraits): PushedStream[] {
  const streams = decodeStreams(push, traits);
  if (traits.validates) {
    for (const { labels } of streams) {
      if (labels.length > LABELS_MAX_BYTES) throw tooLarge(labels.length, LABELS_MAX_BYTES);
    }
  }
  return streams;
}

function decodeStreams(push: PushBody, traits: LokiTraits): PushedStream[] {
  if (push.shape === 'otlp') return decodeOtlpBody(push);
  const bytes = traits.modernHttp ? decompress(push) : push.body;
  if (isJson(push.contentType, traits)) return decodePushJson(bytes, push.shape);
  if (bytes.length > COMPRESSED_MAX_BYTES) throw tooLarge(bytes.length, COMPRESSED_MAX_BYTES);
  return decodePushProtobuf(unsnap(bytes));
}

function decodeOtlpBody(push: PushBody): PushedStream[] {
  const { contentEncoding = '', contentType = '' } = push;
  if (contentEncoding !== '' && contentEncoding !== 'gzip') {
    throw new Refusal(400, `unsupported compression: ${contentEncoding}. Only "gzip" or no compression supported`);
  }
  const media = MEDIA_TYPE.exec(contentType)?.[1]?.toLowerCase();
  if (media !== 'application/json' && media !== 'application/x-protobuf') {
    throw new Refusal(400, `content type: ${contentType} is not supported`);
  }
  const bytes = decompress(push);
  return streamsOfOtlp(media === 'application/json' ? decodeOtlpJson(bytes) : decodeOtlpProtobuf(bytes));
}

function decompress({ contentEncoding = '', body }: PushBody): Buffer {
  if (contentEncoding === '' || contentEncoding === 'snappy') return body;
  if (contentEncoding !== 'gzip' && contentEncoding !== 'deflate') {
    throw new Refusal(400, `Content-Encoding ${JSON.stringify(contentEncoding)} not supported`);
  }
  const inflate = contentEncoding === 'gzip' ? gunzipSync : inflateRawSync;
  try {
    return inflate(body, { maxOutputLength: DECOMPRESSED_MAX_BYTES });
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(DECOMPRESSED_MAX_BYTES + 1, DECOMPRESSED_MAX_BYTES);
    if (code === 'Z_BUF_ERROR') throw new Refusal(400, 'unexpected EOF');
    throw new Refusal(
      400,
      contentEncoding === 'gzip' ? 'gzip: invalid header' : 'flate: corrupt input before offset 0',
    );
  }
}

const MEDIA_TYPE = /^\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+(?:\/[!#$%&'*+.^_`|~0-9A-Za-z-]+)?)\s*(?:;.*)?$/s;

function isJson(contentType: string | undefined, traits: LokiTraits): boolean {
  if (!traits.modernHttp) return contentType === 'application/json';
  const media = MEDIA_TYPE.exec(contentType ?? '');
  if (!media) throw new Refusal(400, 'mime: no media type');
  return media[1]!.toLowerCase() === 'application/json';
}

/** A raw snappy block. Its claimed length is checked first: the decoder would allocate it. */
function unsnap(bytes: Buffer): Buffer {
  const claimed = claimedLength(bytes);
  if (claimed > DECOMPRESSED_MAX_BYTES) throw tooLarge(claimed, DECOMPRESSED_MAX_BYTES);
  try {
    return uncompressSync(bytes) as Buffer;
  } catch {
    throw new Refusal(400, 'snappy: corrupt input');
  }
}

function claimedLength(bytes: Buffer): number {
  let value = 0;
  for (let index = 0, scale = 1; index < Math.min(5, bytes.length); index++, scale *= 128) {
    value += (bytes[index]! & 0x7f) * scale;
    if (bytes[index]! < 0x80) return value;
  }
  throw new Refusal(400, 'snappy: corrupt input');
}

function tooLarge(bytes: number, limit: number): Refusal {
  return new Refusal(413, REFUSAL_TEXTS.bodyTooLarge(bytes, limit));
}
