// The thread that publishes what the writing thread put into the ring. It has no event loop of its own to be held
// up: it sleeps on the ring, writes files, and goes on after the writing thread has been blocked for good.

import { appendFileSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
import { nowNs } from '../core/real-clock.ts';
import { createLineWriter } from '../model/line-writer.ts';
import type { PublisherOptions } from './publisher.ts';
import { createPublishing } from './publishing.ts';
import { createRecordConsumer, readRingCounts } from './record-ring.ts';

const PERIOD_MS = 100;

const { shared, app, linesFile, eventsFile } = workerData as PublisherOptions;
const consumer = createRecordConsumer(shared);
const publish = createPublishing({
  app,
  consumer,
  writer: createLineWriter(linesFile),
  emit: (event) => appendFileSync(eventsFile, `${JSON.stringify(event)}\n`),
  nowNs,
  waitingLines: () => {
    const { handedLines, endedLines } = readRingCounts(shared);
    return Math.max(0, handedLines - endedLines - 1);
  },
});

for (let wake = 0; ; ) {
  const seen = consumer.sleep(wake, PERIOD_MS);
  publish();
  consumer.markFlushed(seen);
  wake = seen;
}
