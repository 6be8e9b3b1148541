// Planted defect: writes one line to its own log for each record that it has delivered, with its log routed back into
// itself. Each of those lines is a record too: from batch to batch there is one more round of them, and it never ends.

import { startForwarder } from '../../lib/forwarder.mjs';
import { logOwn } from '../../lib/own-log.mjs';

/** Of one batch, so that it grows no faster than this machine can bear. */
const LINES_PER_BATCH_MAX = 1_500;

await startForwarder({
  delivered: ({ batch }) => {
    for (const { labels } of batch.entries.slice(0, LINES_PER_BATCH_MAX))
      logOwn(`level=debug component=output msg="record of ${labels.app} delivered" source=${labels.source}`);
  },
});
