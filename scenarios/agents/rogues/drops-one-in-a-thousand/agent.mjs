// Planted defect: drops about one line in a thousand, always the same ones: a hash of what tells a line from the others
// of its run decides. It says nothing and counts nothing.

import { startForwarder } from '../../lib/forwarder.mjs';

const ID = /lrs1-[0-9a-z]+-([\w-]+?-\d+)-/;

await startForwarder({ accept: (line) => hash(ID.exec(line.toString('latin1'))?.[1] ?? '') % 1_000 !== 0 });

/** FNV-1a, mixed once more so that all bits count. */
function hash(text) {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  return (value ^ (value >>> 13)) >>> 0;
}
