// A chunk as the Loki plugin of 2019 sent it: JSON of the first shape (`labels` as text, entries of `ts` and `line`),
// the line in key_value form, where quotes inside values are not escaped.

import { readValues, toBytes } from '../lib/msgpack.mjs';

const LABEL_KEYS = ['app', 'service', 'tag', 'instance'];
/** Fields that come first in a line; Docker's own order is random. */
const LINE_KEYS = ['log', 'container_id', 'container_name', 'source'];

/** The JSON body of a chunk of packed `[seconds, fields]` entries. */
export function encodeChunk(chunk) {
  const streams = new Map();
  for (const [seconds, fields] of readValues(chunk)) {
    const labels = LABEL_KEYS.map((key) => `${key}="${toBytes(fields.get(key))}"`).join(',');
    if (!streams.has(labels)) streams.set(labels, []);
    streams.get(labels).push({ seconds, text: encodeEntry(seconds, formatLine(fields)) });
  }
  const parts = [...streams].map(([labels, entries]) => {
    entries.sort((a, b) => a.seconds - b.seconds);
    return `{"labels":${JSON.stringify(`{${labels}}`)},"entries":[${entries.map(({ text }) => text).join(',')}]}`;
  });
  return Buffer.from(`{"streams":[${parts.join(',')}]}`);
}

function encodeEntry(seconds, line) {
  return `{"ts":"${new Date(seconds * 1e3).toISOString().slice(0, 19)}.000000Z","line":${JSON.stringify(line)}}`;
}

function formatLine(fields) {
  const rest = [...fields.keys()].filter((key) => !LINE_KEYS.includes(key) && !LABEL_KEYS.includes(key));
  const keys = [...LINE_KEYS.filter((key) => fields.has(key)), ...rest];
  return keys.map((key) => `${key}="${toBytes(fields.get(key))}"`).join(' ');
}
