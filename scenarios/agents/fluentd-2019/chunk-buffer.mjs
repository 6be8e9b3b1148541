// Fluentd's memory buffer with one chunk being filled: a chunk goes to the flush thread when it is almost full or
// older than the flush interval. What waits there still counts; over the total limit `append` throws.

import { packEntry } from '../lib/msgpack.mjs';

const FULL_THRESHOLD = 0.95;

/** Creates the buffer. `total[0]` holds the bytes of all chunks; the flush thread takes off what it has flushed. */
export function createChunkBuffer({ total, flushIntervalMs, chunkBytesMax, totalBytesMax, enqueue }) {
  let entries = [];
  let bytes = 0;
  let sinceMs = 0;

  const enqueueChunk = () => {
    if (bytes === 0) return;
    // A buffer of its own, so that it can be handed over without a copy.
    const chunk = new Uint8Array(bytes);
    let at = 0;
    for (const entry of entries) {
      chunk.set(entry, at);
      at += entry.length;
    }
    entries = [];
    bytes = 0;
    enqueue(chunk);
  };
  const enqueueOld = () => {
    if (bytes > 0 && performance.now() - sinceMs >= flushIntervalMs) enqueueChunk();
  };
  const timer = setInterval(enqueueOld, Math.min(1_000, flushIntervalMs));

  return {
    append: (seconds, fields) => {
      if (Atomics.load(total, 0) >= totalBytesMax) {
        throw Object.assign(new Error('buffer space has too many data'), { code: 'OVERFLOW' });
      }
      const entry = packEntry(seconds, fields);
      if (bytes + entry.length > chunkBytesMax) enqueueChunk();
      if (bytes === 0) sinceMs = performance.now();
      entries.push(entry);
      bytes += entry.length;
      Atomics.add(total, 0, entry.length);
      if (bytes >= chunkBytesMax * FULL_THRESHOLD) enqueueChunk();
    },
    /** Enqueues what is left. */
    close: () => {
      clearInterval(timer);
      enqueueChunk();
    },
  };
}
