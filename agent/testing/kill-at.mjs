// Preloaded into the built agent (`node --import`): it dies by SIGKILL in the middle of its n-th call that changes a file,
// and of a write some bytes are in the file by then. LARSEN_KILL_AT is n, from 0; LARSEN_KILL_BYTES how many bytes.
// LARSEN_KILL_COUNT names a file that gets the number of such calls when the agent ends by itself.

import fs from 'node:fs';
import fsp from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

const at = Number(process.env.LARSEN_KILL_AT ?? -1);
const bytesMax = Number(process.env.LARSEN_KILL_BYTES ?? 0);
let calls = 0;

function die() {
  process.kill(process.pid, 'SIGKILL');
  for (;;);
}

/** Counts a call; the n-th one is the last. */
function step() {
  if (calls++ === at) die();
}

const probe = await fsp.open('/dev/null', 'r');
const handles = Object.getPrototypeOf(probe);
await probe.close();

const write = handles.write;
handles.write = function (bytes, offset, length, position) {
  if (calls === at) fs.writeSync(this.fd, bytes, offset, Math.min(length, bytesMax), position);
  step();
  return write.call(this, bytes, offset, length, position);
};
for (const name of ['datasync', 'sync', 'truncate']) {
  const call = handles[name];
  handles[name] = function (...args) {
    step();
    return call.apply(this, args);
  };
}
for (const name of ['rename', 'rm', 'mkdir', 'open']) {
  const call = fsp[name];
  fsp[name] = (...args) => {
    if (name !== 'open' || args[1] !== 'r') step();
    return call(...args);
  };
}
syncBuiltinESMExports();

process.on('exit', () => {
  if (process.env.LARSEN_KILL_COUNT !== undefined) fs.writeFileSync(process.env.LARSEN_KILL_COUNT, String(calls));
});
