// Planted defect: drops about one line in a thousand, always the same ones: a hash of the line decides. It says
// nothing and counts nothing.

import { startForwarder } from '../../lib/forwarder.mjs';

await startForwarder({ accept: (line) => hash(line) % 1_000 !== 0 });

/** FNV-1a of the line, mixed once more so that all bits count. */
function hash(bytes) {
  let value = 0x811c9dc5;
  for (const byte of bytes) value = Math.imul(value ^ byte, 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  return (value ^ (value >>> 13)) >>> 0;
}
