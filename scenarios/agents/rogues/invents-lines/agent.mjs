// Planted defect: now and then stores a line that no app ever wrote: one that it has seen, with a damaged number.

import { startForwarder } from '../../lib/forwarder.mjs';

const EVERY = 100;
/** Added to the number of the line: far above any that a run has. */
const DAMAGE = 1_000_000_000;

let seen = 0;

await startForwarder({
  accept: (line, forwarder) => {
    if (++seen % EVERY === 0) {
      const text = line.toString();
      const damaged = text.replace(
        /(lrs1-[a-z0-9]+-[A-Za-z0-9-]*?-)(\d+)(-\d+-[0-9a-f]{8})/,
        (_, before, seq, after) => {
          return `${before}${Number(seq) + DAMAGE}${after}`;
        },
      );
      if (damaged !== text) forwarder.addOwn(damaged);
    }
    return true;
  },
});
