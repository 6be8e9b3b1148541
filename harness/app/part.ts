// What all app programs have in common: their config, their witness (ring and publisher), and how they stop.

import { HarnessError } from '../core/errors.ts';
import { connectPart, type PartChannel } from '../core/part.ts';
import { sleep } from '../core/real-clock.ts';
import type { AppSpec } from '../model/scenario.ts';
import { startPublisher } from './publisher.ts';
import { createRecordRing, readRingCounts } from './record-ring.ts';

const STOP_POLL_MS = 5;

/** The config of an app that runs as a part. */
export interface AppPartConfig {
  app: AppSpec;
  /** `<run>` in line ids. */
  run: string;
  seed: number;
  /** `lines/<app>.bin`: holds the plan, takes the records of writes. */
  linesFile: string;
  /** Takes write-begin and write-end events as JSON lines. */
  eventsFile: string;
  shape: string;
  /** A plugin module (.mjs or .ts) that defines the shape; without it the shape is a built-in one. */
  shapeModule?: string;
  /** Port for http apps, null: any free one. */
  listenPort: number | null;
  /** Address that http apps listen on, default loopback; a container's network needs all of them. */
  listenHost?: string;
  backendUrl: string | null;
  /** Name of the app behind, whose ids take the place of ours in what is sent to it. */
  backendApp: string | null;
}

/** What `stop` answers. */
export interface AppStopResult {
  writtenLines: number;
  /** Lines that the app has for its stdout and that the pipe has not taken. */
  waitingLines: number;
}

/** Shared memory and publisher of an app's writes. */
export interface Witness {
  readonly shared: SharedArrayBuffer;
  /** Answers `stop`: waits until `isDone`, at most `withinMs`, then flushes. */
  settle(options: { withinMs: number; isDone: () => boolean; halt: () => void }): Promise<AppStopResult>;
}

/** Connects to the harness. When it goes away the process ends at once: process.exit would wait for ever for a thread that is blocked in write(2). */
export function connectApp<Config>(): Promise<PartChannel<Config>> {
  process.prependOnceListener('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  return connectPart<Config>();
}

/** Starts the witness of an app. `queued`: its writes wait in its own memory. */
export function startWitness(
  channel: PartChannel<Pick<AppPartConfig, 'app' | 'linesFile' | 'eventsFile'>>,
  { queued }: { queued: boolean },
): Witness {
  const { app, linesFile, eventsFile } = channel.config;
  const shared = createRecordRing({ queued });
  const publisher = startPublisher({ shared, app: app.name, linesFile, eventsFile }, (error) =>
    failPart(channel, app.name, error),
  );
  return {
    shared,
    settle: async ({ withinMs, isDone, halt }) => {
      for (let waitedMs = 0; waitedMs < withinMs && !isDone(); waitedMs += STOP_POLL_MS) await sleep(STOP_POLL_MS);
      halt();
      await publisher.flush();
      const { handedLines, endedLines } = readRingCounts(shared);
      return { writtenLines: endedLines, waitingLines: Math.max(0, handedLines - endedLines) };
    },
  };
}

/** Tells the harness what broke and ends the process, as an app does whose stdout was closed. */
export function failPart(channel: PartChannel<unknown>, app: string, error: Error): void {
  channel.emit({
    kind: 'harness',
    hop: 'app',
    app,
    data: { error: error.message, code: error instanceof HarnessError ? error.code : undefined },
  });
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), 100);
}
