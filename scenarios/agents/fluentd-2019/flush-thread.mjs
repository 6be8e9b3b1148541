// The flush thread: takes chunks in order, at most one a second, makes one JSON body of each and posts it. A refused
// chunk is not retried, and the plugin of 2019 prints the whole body: one line, one write(2), megabytes long.

import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { post } from '../lib/post.mjs';
import { encodeChunk } from './encode-chunk.mjs';
import { writeLog } from './log.mjs';

const BURST_INTERVAL_MS = 1_000;

if (!isMainThread) runFlushThread(workerData);

function runFlushThread({ url, total }) {
  const queue = [];
  let stopping = false;
  let busy = false;
  let nextMs = 0;

  const flushAll = async () => {
    if (busy) return;
    busy = true;
    for (let chunk = queue.shift(); chunk; chunk = queue.shift()) {
      const waitMs = stopping ? 0 : nextMs - performance.now();
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      nextMs = performance.now() + BURST_INTERVAL_MS;
      await flush(url, chunk);
      Atomics.sub(total, 0, chunk.length);
    }
    busy = false;
    if (stopping) process.exit(0);
  };
  parentPort.on('message', ({ chunk, stop }) => {
    if (chunk) queue.push(chunk);
    stopping ||= stop === true;
    void flushAll();
  });
}

async function flush(url, chunk) {
  const body = encodeChunk(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length));
  writeLog('info', `sending ${body.length} bytes`);
  const answer = await post(url, body, { headers: { 'content-type': 'application/json' }, timeoutMs: 60_000 });
  if (answer.status >= 200 && answer.status < 300) return;
  writeLog('warn', `failed to POST ${url} (${answer.status || ''} ${answer.message} ${answer.body})`);
  writeLog('warn', body);
}
