// One output with all that is its own: buffer, delivery, counters. Lanes share sealed bytes and nothing else, so a dead
// output fills its own buffer only; the others do not notice, unless its policy is to block.
//
//   batcher ──sealed batch──┬─► lane 0: queue ──► delivery ──► output
//                           └─► lane 1: queue ──► delivery ──► output

import { dropBatch, MemoryQueue } from './buffer/memory-queue.ts';
import type { BufferPool } from './buffer/pool.ts';
import type { AgentConfig } from './config/schema.ts';
import { Delivery } from './delivery/delivery.ts';
import { splitBatch } from './delivery/split-batch.ts';
import type { Batch } from './model.ts';
import type { Counters } from './observe/counters.ts';
import type { OwnLog } from './observe/own-log.ts';
import { createOutput } from './output/registry.ts';
import type { Ports } from './ports.ts';

/** What a lane is made from. */
export interface LaneOptions {
  /** Number of its output in the config. */
  index: number;
  config: AgentConfig;
  ports: Ports;
  counters: Counters;
  log: OwnLog;
  pool: BufferPool;
  /** Its buffer is full, or no longer, and its policy is to block. */
  onPause(): void;
  /** Its receiver said how many decoded bytes it takes at most. */
  onLimit(bytes: number): void;
  /** A batch has left the buffer. */
  onReleased(): void;
}

/** See the file's comment. */
export class Lane {
  readonly name: string;
  readonly queue: MemoryQueue;
  readonly delivery: Delivery;
  readonly bytesMax: number;
  /** True while the inputs must not read because of this lane. */
  paused = false;
  private readonly index: number;
  private readonly encodedMax: number;

  constructor(options: LaneOptions) {
    const { index, config, ports, counters, log, pool } = options;
    const settings = config.outputs[index];
    if (settings === undefined) throw new TypeError(`there is no output ${index}`);
    this.index = index;
    this.name = counters.outputNames[index] as string;
    this.encodedMax = config.batch.encodedMax;
    const buffer = {
      memoryMax: settings.buffer.memoryMax ?? config.buffer.memoryMax,
      policy: settings.buffer.policy ?? config.buffer.policy,
    };
    this.bytesMax = buffer.memoryMax;
    this.queue = new MemoryQueue({
      bytesMax: buffer.memoryMax,
      policy: buffer.policy,
      pool,
      output: index,
      onPause: (paused) => {
        this.paused = paused;
        options.onPause();
      },
      onReleased: options.onReleased,
    });
    const about = config.outputs.length > 1 ? this.name : '';
    this.delivery = new Delivery({
      settings: {
        index,
        inFlightMax: settings.inFlightMax,
        timeoutMs: settings.timeout,
        retry: { minMs: settings.retry.min, maxMs: settings.retry.max },
        blockedRetry: { minMs: Math.min(1000, settings.retry.blocked), maxMs: settings.retry.blocked },
      },
      queue: this.queue,
      output: createOutput(settings, ports),
      clock: ports.clock,
      random: ports.random,
      counters,
      log: { warn: (code, text) => log.warn(code, text, about) },
      onLimit: options.onLimit,
    });
  }

  /** Takes a sealed batch. */
  push(batch: Batch): void {
    this.pushWithinEncodedMax(batch);
    this.delivery.pump();
  }

  /** Entries that have not found their end here. */
  get entries(): number {
    return this.queue.entries;
  }

  /** Since when the oldest of them has waited, on the agent's clock. */
  get oldestSinceMs(): number | undefined {
    return this.oldest()?.sinceMs;
  }

  /** All batches up to this one need not be taken again, even after a kill. */
  get settledUpTo(): number {
    const oldest = this.oldest();
    return oldest === undefined ? Number.POSITIVE_INFINITY : oldest.sequence - 1;
  }

  /** Ends everything at once; what is still buffered is counted as abandoned. Returns the number of those entries. */
  stop(): number {
    this.delivery.stop();
    const abandoned = this.queue.entries;
    for (let batch = this.queue.take(); batch !== undefined; batch = this.queue.take()) {
      dropBatch(batch, { output: this.index, reason: 'abandoned' });
      this.queue.release(batch);
    }
    return abandoned;
  }

  private oldest(): Batch | undefined {
    let oldest = this.queue.head;
    for (const batch of this.delivery.flying)
      if (oldest === undefined || batch.sequence < oldest.sequence) oldest = batch;
    return oldest;
  }

  /** Compression makes nearly every batch smaller; the few that are still too large are halved, at most log2(entries) deep. */
  private pushWithinEncodedMax(batch: Batch): void {
    const halves = batch.bytes.length > this.encodedMax ? splitBatch(batch) : undefined;
    if (halves === undefined) this.queue.push(batch);
    else for (const half of halves) this.pushWithinEncodedMax(half);
  }
}
