// Fluentd's own log on stdout: `2026-11-22 14:21:39 +0000 [warn]: #0 text`. One write(2) for a line, however long.

import { writeOut } from '../lib/own-log.mjs';

/** Writes one line; `text` is a string or bytes. Blocks while nobody reads. */
export function writeLog(level, text) {
  const time = new Date().toISOString().slice(0, 19).replace('T', ' ');
  writeOut(Buffer.concat([Buffer.from(`${time} +0000 [${level}]: #0 `), Buffer.from(text), Buffer.from('\n')]));
}
