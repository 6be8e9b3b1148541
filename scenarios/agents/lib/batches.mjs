// Entries on their way out: collected into batches that are bounded in bytes and in age, kept in order, and encoded
// as Loki's JSON.

const BOUNDS = { bytesMax: 768 * 1024, ageMs: 1_000 };
/** What an entry costs beside its line. */
const ENTRY_BYTES = 64;

/** A queue of batches. `onReady()` is called whenever a batch can be taken. */
export function createBatches(onReady, { bytesMax, ageMs } = BOUNDS) {
  const sealed = [];
  let filling = null;
  let bytes = 0;
  let timer;

  const seal = () => {
    clearTimeout(timer);
    if (filling) sealed.push(filling);
    filling = null;
    onReady();
  };
  return {
    /** Bytes that wait, batches in delivery not counted. */
    bytes: () => bytes,
    /** When the oldest waiting entry came, or null. */
    oldestMs: () => sealed[0]?.sinceMs ?? filling?.sinceMs ?? null,
    add: (entry) => {
      const cost = entry.line.length + ENTRY_BYTES;
      if (filling && filling.bytes + cost > bytesMax) seal();
      if (!filling) {
        filling = { entries: [], bytes: 0, sinceMs: performance.now() };
        timer = setTimeout(seal, ageMs);
      }
      filling.entries.push(entry);
      filling.bytes += cost;
      bytes += cost;
    },
    seal,
    take: () => {
      const batch = sealed.shift();
      if (batch) bytes -= batch.bytes;
      return batch;
    },
    /** Puts batches back at the front. */
    putBack: (batches) => {
      for (const batch of batches) bytes += batch.bytes;
      sealed.unshift(...batches);
    },
  };
}

/** Two halves of a batch. */
export function splitBatch({ entries, sinceMs }) {
  const middle = entries.length >> 1;
  return [entries.slice(0, middle), entries.slice(middle)].map((half) => ({
    entries: half,
    bytes: half.reduce((sum, { line }) => sum + line.length + ENTRY_BYTES, 0),
    sinceMs,
  }));
}

/** The push request of a batch, as Loki's JSON. */
export function encodeBatch({ entries }) {
  const streams = new Map();
  for (const { labels, tNs, line } of entries) {
    const key = JSON.stringify(labels);
    if (!streams.has(key)) streams.set(key, { stream: labels, values: [] });
    // Decoding replaces what is not UTF-8; a lone surrogate would make Loki refuse the whole request.
    streams.get(key).values.push([String(tNs), line.toString()]);
  }
  return Buffer.from(JSON.stringify({ streams: [...streams.values()] }));
}
