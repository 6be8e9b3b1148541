// Starts the publisher of an app: the thread that moves line records from shared memory into `lines/<app>.bin`
// and tells of open writes in the events file, whatever the rest of the process is blocked in.

import { Worker } from 'node:worker_threads';
import { sleep } from '../core/real-clock.ts';
import { requestFlush } from './record-ring.ts';

const FLUSH_POLL_MS = 2;
const FLUSH_MS_MAX = 2_000;

/** What the publisher is told. */
export interface PublisherOptions {
  shared: SharedArrayBuffer;
  app: string;
  linesFile: string;
  /** JSON lines of EmittedEvent are appended here; the harness follows the file. */
  eventsFile: string;
}

/** A running publisher. */
export interface Publisher {
  /** Resolves when all that was in the ring is in the files. Throws when the disk is too slow or refuses. */
  flush(): Promise<void>;
}

/** Starts the thread; `onError` is called when it fails, which makes the run's record incomplete. */
export function startPublisher(options: PublisherOptions, onError: (error: Error) => void): Publisher {
  startThread(new URL('./publisher-thread.js', import.meta.url), options, onError);
  return {
    flush: async () => {
      const isFlushed = requestFlush(options.shared);
      for (let waitedMs = 0; !isFlushed(); waitedMs += FLUSH_POLL_MS) {
        if (waitedMs >= FLUSH_MS_MAX)
          throw new Error(`the line records of ${options.app} could not be written within ${FLUSH_MS_MAX} ms`);
        await sleep(FLUSH_POLL_MS);
      }
    },
  };
}

/**
 * Starts a thread of an app. Its stdout and stderr are not joined with ours: joining them would touch
 * `process.stdout` and make the app's real stdout non-blocking.
 */
export function startThread(program: URL, workerData: unknown, onError: (error: Error) => void): Worker {
  const thread = new Worker(program, { workerData, stdout: true, stderr: true });
  thread.on('error', onError);
  return thread;
}
