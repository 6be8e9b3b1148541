// Decompresses a recorded body, without a word of the sink's own code: the hop is a witness by itself.

import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';
import { uncompressSync } from 'snappy';

/** Bodies are buffered and inflated up to here. */
export const BODY_MAX_BYTES = 268_435_456;

/** What a body holds once decompressed. */
export interface DecodedBody {
  bytes: Buffer;
  kind: 'json' | 'protobuf' | 'unknown';
}

/** Never throws: what cannot be decompressed is taken as it is, kind `unknown`. */
export function decodeBody(
  body: Buffer,
  headers: { contentType: string; contentEncoding: string; isOtlp?: boolean },
): DecodedBody {
  const plain = decompress(body, headers.contentEncoding.trim().toLowerCase());
  if (plain === null) return { bytes: body, kind: 'unknown' };
  if (/^\s*application\/json\b/i.test(headers.contentType)) return { bytes: plain, kind: 'json' };
  // OTLP has no snappy block around its protobuf.
  const block = headers.isOtlp ? plain : unsnap(plain);
  return block === null ? { bytes: plain, kind: 'unknown' } : { bytes: block, kind: 'protobuf' };
}

function decompress(body: Buffer, encoding: string): Buffer | null {
  const limit = { maxOutputLength: BODY_MAX_BYTES };
  try {
    if (encoding === 'gzip' || encoding === 'x-gzip') return gunzipSync(body, limit);
    if (encoding === 'deflate') return inflateAny(body, limit);
    if (encoding === 'br') return brotliDecompressSync(body, limit);
    return encoding === '' || encoding === 'identity' || encoding === 'snappy' ? body : null;
  } catch {
    return null;
  }
}

/** `deflate` is raw for Loki and zlib-wrapped for most of the world. */
function inflateAny(body: Buffer, limit: { maxOutputLength: number }): Buffer {
  try {
    return inflateRawSync(body, limit);
  } catch {
    return inflateSync(body, limit);
  }
}

const LENGTH_BYTES_MAX = 5;

/** A raw snappy block; null when it is none or claims to be larger than we take. */
function unsnap(bytes: Buffer): Buffer | null {
  let claimed = 0;
  for (let index = 0, scale = 1; ; index++, scale *= 128) {
    const byte = bytes[index];
    if (byte === undefined || index === LENGTH_BYTES_MAX) return null;
    claimed += (byte & 0x7f) * scale;
    if (byte < 0x80) break;
  }
  if (claimed > BODY_MAX_BYTES) return null;
  try {
    return uncompressSync(bytes) as Buffer;
  } catch {
    return null;
  }
}
