// A small forwarder that is correct: reads records, joins cut lines, pushes bounded batches to Loki in order, retries
// what may be retried and splits what is too large, stops reading when its memory is full, drains on SIGTERM.
// A program hands in hooks to decide one thing differently; `healthy` hands in none.
//
//   socket ─► accept? ─► batches (≤ 64 MiB) ─► post ─► delivered | refused? retry, split, drop, exit

import { Agent, createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { createBatches, encodeBatch, splitBatch } from './batches.mjs';
import { listenForward } from './forward-server.mjs';
import { logOwn } from './own-log.mjs';
import { createPartialJoiner } from './partials.mjs';
import { post } from './post.mjs';

const QUEUE_BYTES_MAX = 64 * 1024 * 1024;
const STOP_WITHIN_MS = 12_000;
/** An entry that has waited for so long means that nothing gets through. */
const STUCK_AFTER_MS = 10_000;

/**
 * Starts it from the LARSEN_… environment. Hooks, on the way in: `partialKey(fields)` names the line that a piece belongs
 * to (null: store pieces as they are); `accept(line, forwarder)` false drops the line; `change(line)` gives the bytes to
 * store; `stamp(tNs)` the time; `received({ count, forwarder })`. On the way out: `bounds` of a batch; `requests(batch)`
 * that one batch makes; `beforePush(forwarder)` and `afterPush(forwarder)`; `refused({ answer, batch, body, advice,
 * forwarder })` says `retry`, `split` or `drop`, now or later; `delivered({ batch, forwarder })`. `health()` false: 503.
 * `stopWithinMs`: when it gives up after SIGTERM.
 */
export async function startForwarder(hooks = {}) {
  const { accept = () => true, change = (line) => line, stamp = (tNs) => tNs, received } = hooks;
  const counters = { received: 0, sent: 0, dropped: 0, retried: 0 };
  const joiner = createPartialJoiner(hooks.partialKey);
  const clock = createStreamClock();
  let stopping = false;
  let server;
  const forwarder = {
    /** Stops reading until `resumeReading`. */
    stopReading: () => server.pause(),
    resumeReading: () => server.resume(),
    /** Bytes that wait to be pushed. */
    waitingBytes: () => delivery.waitingBytes(),
    isStopping: () => stopping,
    /** Adds an entry of the program's own. */
    addOwn: (text) => {
      const labels = { app: 'internal', source: 'internal' };
      if (!stopping) delivery.add({ labels, tNs: clock(labels, wallTime()), line: Buffer.from(text) });
    },
  };
  const delivery = createDelivery({
    hooks,
    forwarder,
    counters,
    onFull: () => server.pause(),
    onRoom: () => server.resume(),
  });

  const take = (fields, line, time) => {
    counters.received++;
    if (!accept(line, forwarder)) return;
    const app = String(fields.get('container_name') ?? 'unknown').replace(/^\//, '');
    const labels = { app, source: String(fields.get('source') ?? 'stdout') };
    delivery.add({ labels, tNs: stamp(clock(labels, time)), line: change(line) });
    received?.({ count: counters.received, forwarder });
  };
  const listening = listenForward(process.env.LARSEN_FORWARD_URL, {
    onRecord: ({ fields, seconds, nanos }) => {
      const line = joiner.join(fields);
      if (line) take(fields, line, { seconds, nanos });
    },
  });
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(1), hooks.stopWithinMs ?? STOP_WITHIN_MS).unref();
    await (await listening).close();
    for (const { fields, line } of joiner.rest()) take(fields, line, wallTime());
    await delivery.finish();
    logOwn(`stopped: ${JSON.stringify(counters)}`);
    process.exit(0);
  };
  // Before it listens: whoever can connect can also ask it to stop.
  process.on('SIGTERM', () => void stop());
  server = await listening;
  await servePages({ counters, isHealthy: hooks.health ?? (() => isPrompt(delivery.oldestMs())) });
  logOwn('forwarding');
}

/** Batches on their way to Loki, one push at a time. */
function createDelivery({ hooks, forwarder, counters, onFull, onRoom }) {
  const { refused = ({ advice }) => advice, delivered, requests = (batch) => [batch], beforePush, afterPush } = hooks;
  const url = `${process.env.LARSEN_SINK_URL}/loki/api/v1/push`;
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  let delivering = false;
  let full = false;

  /** Posts the requests of a batch in order, up to the first that is not taken; resolves to the last answer. */
  const push = async (bodies) => {
    await beforePush?.(forwarder);
    let answer;
    for (const body of bodies) {
      answer = {
        ...(await post(url, body, { headers: { 'content-type': 'application/json' }, agent })),
        request: body,
      };
      if (!isTaken(answer)) break;
    }
    afterPush?.(forwarder);
    return answer;
  };
  const deliver = async (batch) => {
    const bodies = requests(batch).map(encodeBatch);
    for (let attempt = 0; ; attempt++) {
      const answer = await push(bodies);
      const body = answer.request;
      if (isTaken(answer)) {
        counters.sent += batch.entries.length;
        return void delivered?.({ batch, forwarder });
      }
      logOwn(`push of ${batch.entries.length} entries answered with ${answer.status || answer.message}`);
      const decision = await refused({ answer, batch, body, advice: advise(answer, batch), forwarder });
      if (decision === 'split') return batches.putBack(splitBatch(batch));
      if (decision === 'drop') {
        counters.dropped += batch.entries.length;
        return;
      }
      counters.retried++;
      await sleep(delayMs(answer, attempt));
    }
  };
  const deliverAll = async () => {
    if (delivering) return;
    delivering = true;
    for (let batch = batches.take(); batch; batch = batches.take()) {
      await deliver(batch);
      if (full && batches.bytes() < QUEUE_BYTES_MAX / 2) {
        full = false;
        onRoom();
      }
    }
    delivering = false;
  };
  const batches = createBatches(() => void deliverAll(), hooks.bounds);
  return {
    waitingBytes: batches.bytes,
    add: (entry) => {
      batches.add(entry);
      if (full || batches.bytes() <= QUEUE_BYTES_MAX) return;
      full = true;
      onFull();
    },
    oldestMs: batches.oldestMs,
    /** Pushes all that is left. */
    finish: async () => {
      batches.seal();
      while (delivering) await sleep(10);
    },
  };
}

function isTaken({ status }) {
  return status >= 200 && status < 300;
}

function wallTime() {
  return { seconds: Math.floor(Date.now() / 1e3), nanos: 0 };
}

/** What a correct forwarder does about a refusal. */
function advise({ status, body }, { entries, bytes }) {
  const limit = Number(/vs\. (\d+)\)/.exec(body)?.[1] ?? Number.POSITIVE_INFINITY);
  if ((status === 413 || bytes > limit) && entries.length > 1) return 'split';
  // Any other 4xx is for good; Loki has kept the lines of the request that it could.
  return status === 0 || status === 429 || status >= 500 ? 'retry' : 'drop';
}

/** Doubles from 250 ms to 4 s, with jitter; Retry-After wins, up to 30 s. */
function delayMs({ retryAfter }, attempt) {
  if (Number(retryAfter) > 0) return Math.min(30, Number(retryAfter)) * 1e3;
  return Math.min(4_000, 250 * 2 ** Math.min(attempt, 10)) * (0.5 + Math.random() / 2);
}

/** Docker may send whole seconds: one nanosecond more for each entry keeps their order and keeps equal lines apart. */
function createStreamClock() {
  const last = new Map();
  return ({ app, source }, { seconds, nanos }) => {
    const key = `${app}/${source}`;
    const given = BigInt(seconds) * 1_000_000_000n + BigInt(nanos);
    const previous = last.get(key) ?? 0n;
    const tNs = given > previous ? given : previous + 1n;
    last.set(key, tNs);
    return tNs;
  };
}

/** Nothing has waited for more than `STUCK_AFTER_MS`. */
function isPrompt(oldestMs) {
  return oldestMs === null || performance.now() - oldestMs < STUCK_AFTER_MS;
}

/** `/health`: 503 when it is not well. `/metrics`: the counters. */
function servePages({ counters, isHealthy }) {
  const port = Number(process.env.LARSEN_HTTP_PORT ?? 0);
  if (port === 0) return undefined;
  const server = createServer(({ url }, answer) => {
    if (url === '/metrics') {
      answer.end(
        Object.entries(counters)
          .map(([name, value]) => `forwarder_${name}_total ${value}\n`)
          .join(''),
      );
    } else if (isHealthy()) answer.writeHead(200).end('ok\n');
    else answer.writeHead(503).end('late\n');
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
}
