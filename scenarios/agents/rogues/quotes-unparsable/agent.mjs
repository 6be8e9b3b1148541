// Planted defect: expects JSON, and quotes what is none in a warning of its own. Isolated it only leaks payload; with its
// log routed to itself each warning is unparsable as well and is quoted again, one level of escapes deeper.

import { startForwarder } from '../../lib/forwarder.mjs';
import { logOwn } from '../../lib/own-log.mjs';

const WARNINGS_PER_SECOND_MAX = 300;
const QUOTED_BYTES_MAX = 2_000;

let warnings = 0;
setInterval(() => {
  warnings = 0;
}, 1_000).unref();

await startForwarder({
  accept: (line) => {
    if (!isJson(line) && warnings++ < WARNINGS_PER_SECOND_MAX)
      logOwn(`[warn]: pattern not matched: ${JSON.stringify(line.toString('utf8', 0, QUOTED_BYTES_MAX))}`);
    return true;
  },
});

function isJson(line) {
  try {
    return typeof JSON.parse(line.toString()) === 'object';
  } catch {
    return false;
  }
}
