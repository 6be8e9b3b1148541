// What the agent prints, read where the daemon takes it from the agent, beside whatever log driver it has: bytes,
// lines, ids of app lines and runs of backslashes, told four times a second, and kept in a capped log file.

import { join } from 'node:path';
import { createBackslashCounter } from '../../driver/backslashes.ts';
import { createCappedFile } from '../../driver/capped-file.ts';
import type { AgentOwnData } from '../../model/event.ts';
import { createLineIdScanner } from '../../model/line-id.ts';
import { bounded } from './bounded.ts';
import type { RunContainer } from './container.ts';
import type { RunBed } from './run-bed.ts';

const TELL_EVERY_MS = 250;
const NEWLINE = 0x0a;
const SAMPLE_CHARS = 200;

/** Counts bytes of the agent's own at one point. */
export interface OwnBytes {
  take(chunk: Buffer): void;
  stop(): void;
}

/** Counts and tells; an event without bytes each second says that this point is watched. */
export function countOwnBytes({ space, input }: RunBed, point: AgentOwnData['point']): OwnBytes {
  const scanner = createLineIdScanner(input.plan.runName, Object.keys(input.plan.scenario.topology.apps));
  const slashes = createBackslashCounter();
  let counts: AgentOwnData = { point, bytes: 0, lines: 0, ids: 0, backslashRunMax: 0 };
  let ticks = 0;
  const tell = (): void => {
    if (counts.bytes === 0 && ticks++ % 4 !== 0) return;
    space.record({ kind: 'agent-own', hop: 'agent', data: { ...counts, watched: true } });
    counts = { point, bytes: 0, lines: 0, ids: 0, backslashRunMax: 0 };
  };
  const timer = setInterval(tell, TELL_EVERY_MS);
  timer.unref();
  return {
    take(chunk) {
      counts.bytes += chunk.length;
      for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, at + 1)) counts.lines++;
      const found = scanner.count(chunk);
      if (found > 0 && counts.ids === 0) counts.sample = chunk.toString('utf8', 0, SAMPLE_CHARS);
      counts.ids += found;
      const run = slashes.count(chunk, { start: 0, end: chunk.length, continued: true });
      counts.backslashRunMax = Math.max(counts.backslashRunMax, run);
    },
    stop() {
      tell();
      clearInterval(timer);
    },
  };
}

/** A followed agent. */
export interface OwnOutput {
  /** The container is about to start: all that it prints from then on is read. */
  follow(container: RunContainer): Promise<void>;
  stop(): void;
}

/** Where the agent's own output is kept, as it was printed. */
export function ownLogOf({ logsDir }: { logsDir: string }): string {
  return join(logsDir, 'agent-own.log');
}

/**
 * Prepares the following. It is attached to the output itself: `docker logs` reads a cache beside drivers that send
 * lines on, and its stream ends where that cache begins its second file, after 20 MiB (20.10).
 */
export function createOwnOutput(bed: RunBed): OwnOutput {
  const counted = countOwnBytes(bed, 'stdout');
  const log = createCappedFile(ownLogOf(bed.space));
  let attached: { destroy?(): void } | null = null;
  return {
    async follow(container) {
      const stream = await bounded(`attach ${container.name}`, (abortSignal) =>
        container.handle.attach({ stream: true, stdout: true, stderr: true, abortSignal }),
      );
      attached = stream as { destroy?(): void };
      const take = createDemultiplexer((chunk) => {
        counted.take(chunk);
        log.write(chunk.toString('utf8'));
      });
      stream.on('data', take);
      stream.on('error', () => undefined);
    },
    stop() {
      attached?.destroy?.();
      counted.stop();
      log.close();
    },
  };
}

const HEAD_BYTES = 8;

/** Docker's stream of several outputs: a head of 8 bytes with the length in its last four, then so many bytes. */
export function createDemultiplexer(onChunk: (chunk: Buffer) => void): (data: Buffer) => void {
  let head = Buffer.alloc(0);
  let left = 0;
  return (data) => {
    let rest = data;
    while (rest.length > 0) {
      if (left > 0) {
        const chunk = rest.subarray(0, left);
        left -= chunk.length;
        rest = rest.subarray(chunk.length);
        onChunk(chunk);
        continue;
      }
      const missing = HEAD_BYTES - head.length;
      head = Buffer.concat([head, rest.subarray(0, missing)]);
      rest = rest.subarray(missing);
      if (head.length < HEAD_BYTES) return;
      left = head.readUInt32BE(4);
      head = Buffer.alloc(0);
    }
  };
}
