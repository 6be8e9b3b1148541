// The agent of the founding outage: Fluentd 1.4 with the Loki plugin of May 2019, in what made the outage. It reads
// records from Docker's driver, keeps them in chunks of up to 8 MiB and flushes every 10 s. Three defects, all real:
// a chunk may be larger than Loki takes, what Loki refuses is lost, and the refused payload is printed to stdout.
//
//   Docker ──► this thread: socket, filter, buffer ──chunks──► flush thread: JSON, POST
//                  └── write(1) when the buffer is full            └── write(1) payload when refused
//
// Both threads write to file descriptor 1 and block there. That is the circular wait: the flush thread waits for
// Docker to read the payload, Docker waits for this thread to read the socket, this thread waits to log.

import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { listenForward } from '../lib/forward-server.mjs';
import { createChunkBuffer } from './chunk-buffer.mjs';
import { writeLog } from './log.mjs';

const { values: options } = parseArgs({
  options: {
    'flush-interval': { type: 'string', default: '10s' },
    'chunk-limit': { type: 'string', default: '8MiB' },
    'total-limit': { type: 'string', default: '512MiB' },
    // What Ruby took in of its own log in the outage: 13 MB a second (docs/calibration.md).
    'read-rate': { type: 'string', default: '13MB' },
  },
});

const UNITS = { ms: 1, s: 1e3, m: 60e3, B: 1, KB: 1e3, MB: 1e6, KiB: 1024, MiB: 1024 ** 2 };
/** Bytes that are in the buffer, flush in progress included; both threads count. */
const total = new Int32Array(new SharedArrayBuffer(4));
const flusher = new Worker(new URL('./flush-thread.mjs', import.meta.url), {
  workerData: { url: `${process.env.LARSEN_SINK_URL}/api/prom/push`, total },
  // Otherwise Node opens process.stdout for the thread and makes the pipe non-blocking for both.
  stdout: true,
  stderr: true,
});
flusher.on('exit', (code) => process.exit(code));

const buffer = createChunkBuffer({
  total,
  flushIntervalMs: parseUnit(options['flush-interval']),
  chunkBytesMax: parseUnit(options['chunk-limit']),
  totalBytesMax: parseUnit(options['total-limit']),
  enqueue: (chunk) => flusher.postMessage({ chunk }, [chunk.buffer]),
});

// Before it listens: whoever can connect can also ask it to stop.
process.on('SIGTERM', async () => {
  await (await listening).close();
  buffer.close();
  flusher.postMessage({ stop: true });
});

/** Ruby reads slower than this program would: the thread is held for as long as the bytes would have taken. */
const clock = new Int32Array(new SharedArrayBuffer(4));
const bytesPerMs = parseUnit(options['read-rate']) / 1e3;

const listening = listenForward(process.env.LARSEN_FORWARD_URL, {
  acks: false,
  onBytes: (count) => Atomics.wait(clock, 0, 0, count / bytesPerMs),
  onRecord: ({ tag, seconds, fields }) =>
    buffer.append(seconds || Math.floor(Date.now() / 1e3), transform(tag, fields)),
  // As in_unix does: what else was in the same read is lost, and the connection is closed.
  onError: (error, tag) => {
    if (error.code === 'OVERFLOW') {
      writeLog('warn', 'failed to write data into buffer by buffer overflow action=:throw_exception');
      writeLog(
        'warn',
        `emit transaction failed: error_class=Fluent::Plugin::Buffer::BufferOverflowError error="${error.message}" tag="${tag}"`,
      );
    }
    writeLog('error', `[in_docker] unexpected error error="${error.message}"`);
  },
});
await listening;
writeLog('info', 'fluentd worker is now running worker=0');

/** record_transformer: labels from the parts of the tag. */
function transform(tag, fields) {
  const [app = '', service = ''] = tag.split('.');
  const labels = { app, service, tag, instance: 'joke' };
  for (const [name, value] of Object.entries(labels)) fields.set(name, value);
  return fields;
}

function parseUnit(text) {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|B|KB|MB|KiB|MiB)$/.exec(text) ?? [];
  if (!unit) throw new Error(`Expected a duration or a size such as 10s or 8MiB, got ${text}`);
  return Number(number) * UNITS[unit];
}
