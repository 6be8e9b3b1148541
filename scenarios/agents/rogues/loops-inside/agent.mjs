// Planted defect: its errors are records of its own output. A refused batch makes one event for each entry, and an
// event that is delivered makes an event about that. Its stdout stays quiet: the loop is inside. Bounded per batch.

import { startForwarder } from '../../lib/forwarder.mjs';

const EVENTS_PER_BATCH_MAX = 3_000;

await startForwarder({
  refused: ({ answer, batch, advice, forwarder }) => {
    report(batch.entries, `entry was refused with status ${answer.status} and stays in the buffer`, forwarder);
    return advice;
  },
  delivered: ({ batch, forwarder }) => {
    const own = batch.entries.filter(({ labels }) => labels.app === 'internal');
    report(own, 'event about an entry was delivered after an earlier refusal of its batch', forwarder);
  },
});

function report(entries, text, forwarder) {
  const count = Math.min(entries.length, EVENTS_PER_BATCH_MAX);
  for (let index = 0; index < count; index++)
    forwarder.addOwn(`level=error component=output index=${index} msg="${text}"`);
}
