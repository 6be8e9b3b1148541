// Planted defect: stamps with whole seconds and keeps the lines of a batch by their time: of those within one second
// only the last is left.

import { startForwarder } from '../../lib/forwarder.mjs';

const SECOND_NS = 1_000_000_000n;

await startForwarder({
  stamp: (tNs) => (tNs / SECOND_NS) * SECOND_NS,
  requests: (batch) => {
    const byTime = new Map(batch.entries.map((entry) => [`${entry.labels.app} ${entry.tNs}`, entry]));
    return [{ entries: [...byTime.values()] }];
  },
});
