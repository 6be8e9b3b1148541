// One output with all that is its own: buffer, delivery, counters. Lanes share sealed bytes and nothing else, so a dead
// output fills its own buffer only; the others do not notice, unless its policy is to block.
//
//   batcher ──sealed batch──┬─► lane 0: queue ──► delivery ──► output
//                           └─► lane 1: queue ──► delivery ──► output

import { type DiskEvent, DiskQueue } from './buffer/disk-queue.ts';
import { MemoryQueue } from './buffer/memory-queue.ts';
import type { BufferPool } from './buffer/pool.ts';
import { type BatchQueue, dropBatch } from './buffer/queue.ts';
import { type BufferSettings, mergeBuffer } from './config/buffer.ts';
import type { OutputSettings } from './config/outputs.ts';
import type { AgentConfig } from './config/schema.ts';
import type { DeadLetters } from './delivery/dead-letters.ts';
import { Delivery, type DeliverySettings } from './delivery/delivery.ts';
import { splitBatch } from './delivery/split-batch.ts';
import { AgentError, bufferError, systemCodeOf } from './errors.ts';
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
  deadLetters: DeadLetters | undefined;
  /** Its buffer is full, or no longer, and its policy is to block. */
  onPause(): void;
  /** Its receiver has shown a limit. */
  onLimit(): void;
  /** A batch has been written to disk or has left the buffer. */
  onReleased(): void;
}

/** See the file's comment. */
export class Lane {
  readonly name: string;
  readonly queue: BatchQueue;
  readonly delivery: Delivery;
  buffer: BufferSettings;
  /** True while the inputs must not read because of this lane. */
  paused = false;
  private readonly options: LaneOptions;
  private readonly about: string;

  constructor(options: LaneOptions) {
    const { index, config, ports, counters, log } = options;
    const settings = settingsOf(config, index);
    this.options = options;
    this.name = counters.outputNames[index] as string;
    this.about = config.outputs.length > 1 ? this.name : '';
    this.buffer = mergeBuffer(config.buffer, settings.buffer);
    this.queue = this.createQueue();
    this.delivery = new Delivery({
      settings: this.deliverySettings(config),
      queue: this.queue,
      output: createOutput(settings, ports),
      clock: ports.clock,
      random: ports.random,
      counters,
      log: { warn: (code, text) => log.warn(code, text, this.about) },
      onLimit: options.onLimit,
      deadLetters: options.deadLetters && {
        add: ({ bytes, entries }, reason) => options.deadLetters?.add(bytes, { output: this.name, reason, entries }),
      },
    });
  }

  /** Takes in what an earlier process has left on disk. Rejects with `E_BUFFER`. */
  async open(): Promise<void> {
    try {
      await this.queue.open();
    } catch (error) {
      if (systemCodeOf(error) === 'ELOCKED')
        throw new AgentError(
          'E_BUFFER_LOCKED',
          `another larsen-agent that runs has its disk buffer in ${this.folder}; stop it, or give this one another \`buffer.path\``,
          { cause: error },
        );
      throw bufferError(this.folder, error);
    }
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

  /** All batches up to this one are where acks may rest on. */
  get bufferedUpTo(): number {
    return this.queue.keptUpTo ?? Number.POSITIVE_INFINITY;
  }

  /** All batches up to this one need not be taken again, even after a kill. */
  get settledUpTo(): number {
    if (this.queue.keptUpTo !== undefined) return this.queue.keptUpTo;
    const oldest = this.oldest();
    return oldest === undefined ? Number.POSITIVE_INFINITY : oldest.sequence - 1;
  }

  /** Ends delivery; what waits in memory alone becomes dead letters. */
  bury(): void {
    this.delivery.stop();
    if (this.buffer.type !== 'memory') return;
    for (let batch = this.queue.take(); batch !== undefined; batch = this.queue.take()) {
      const { bytes, entries } = batch;
      this.options.deadLetters?.add(bytes, { output: this.name, reason: 'abandoned', entries });
      dropBatch(batch, { output: this.options.index, reason: 'abandoned' });
      this.queue.release(batch);
    }
  }

  /** Ends everything at once. Resolves with the entries that had to be abandoned and those that are kept on disk. */
  stop(): Promise<{ abandoned: number; kept: number }> {
    this.delivery.stop();
    return this.queue.close();
  }

  /** Goes on with the settings of another config: output, retries, sizes of the buffer. Its kind and place stay. */
  reload(config: AgentConfig): void {
    const settings = settingsOf(config, this.options.index);
    this.buffer = mergeBuffer(config.buffer, settings.buffer);
    this.queue.resize(this.buffer);
    const output = createOutput(settings, this.options.ports);
    this.delivery.use({ output, settings: this.deliverySettings(config) });
  }

  private deliverySettings(config: AgentConfig): DeliverySettings {
    const { index } = this.options;
    const settings = settingsOf(config, index);
    return {
      index,
      inFlightMax: settings.inFlightMax,
      timeoutMs: settings.timeout,
      attemptsMax: settings.retry.attemptsMax,
      ageMaxMs: settings.retry.ageMax,
      retry: { minMs: settings.retry.min, maxMs: settings.retry.max },
      bounds: { ...config.batch, ageMaxMs: config.batch.ageMax },
      limitsKeptMs: settings.limitsKept,
      cut: { lineOver: config.lineOver, mark: Buffer.from(config.lineMark) },
      blockedRetry: { minMs: Math.min(1000, settings.retry.blocked), maxMs: settings.retry.blocked },
    };
  }

  private get folder(): string {
    return `${this.buffer.path}/${this.name}`;
  }

  private createQueue(): BatchQueue {
    const { index, ports, pool, counters, onReleased } = this.options;
    const { buffer } = this;
    const onPause = (paused: boolean): void => {
      this.paused = paused;
      this.options.onPause();
    };
    const { memoryMax, policy } = buffer;
    if (buffer.type === 'memory')
      return new MemoryQueue({ bytesMax: memoryMax, policy, pool, output: index, onPause, onReleased });
    const { clock, files } = ports;
    return new DiskQueue({
      ...{ clock, files, pool, counters, output: index, onPause, onReleased },
      ...{ memoryMax, policy, diskMax: buffer.diskMax, fsync: buffer.fsync, fsyncIntervalMs: buffer.fsyncInterval },
      ...{ liveFirst: buffer.liveFirst, folder: this.folder },
      // Dropping the oldest means dropping a segment: it must be a small part of the whole.
      segmentMax: Math.min(buffer.segmentMax, buffer.diskMax / 8),
      onReady: () => this.delivery.pump(),
      onEvent: (event) => this.noteDisk(event),
    });
  }

  private noteDisk(event: DiskEvent): void {
    const { counters, log } = this.options;
    const { totals } = counters;
    if (event.kind === 'error') {
      totals.diskErrors++;
      const code = systemCodeOf(event.error);
      log.warn('W_DISK', `the disk buffer has trouble: ${code}; what it does not take stays in memory`, this.about);
      return;
    }
    totals.segmentsCorrupt += event.corruptSegments;
    totals.segmentsTorn += event.tornSegments;
    if (event.frames > 0) log.info('I_RECOVERED', `found ${event.frames} batches of an earlier run on disk`);
    if (event.corruptSegments > 0)
      log.warn(
        'W_DISK_DAMAGE',
        `${event.corruptSegments} segments on disk are damaged; what is whole is sent`,
        this.about,
      );
  }

  private oldest(): Batch | undefined {
    let oldest = this.queue.head;
    for (const batch of this.delivery.flying)
      if (oldest === undefined || batch.sequence < oldest.sequence) oldest = batch;
    return oldest;
  }

  /** Compression makes nearly every batch smaller; the few that are still too large are halved, at most log2(entries) deep. */
  private pushWithinEncodedMax(batch: Batch): void {
    const halves = batch.bytes.length > this.options.config.batch.encodedMax ? splitBatch(batch) : undefined;
    if (halves === undefined) this.queue.push(batch);
    else for (const half of halves) this.pushWithinEncodedMax(half);
  }
}

function settingsOf(config: AgentConfig, index: number): OutputSettings {
  const settings = config.outputs[index];
  if (settings === undefined) throw new TypeError(`there is no output ${index}`);
  return settings;
}

/** The names of the outputs: as configured, else the type, with a number where that is taken. */
export function nameOutputs(outputs: readonly OutputSettings[]): string[] {
  const names: string[] = [];
  const taken = new Set(outputs.flatMap(({ name }) => name ?? []));
  for (const { name, type } of outputs) {
    let own = name ?? type;
    for (let n = 2; name === undefined && taken.has(own); n++) own = `${type}-${n}`;
    taken.add(own);
    names.push(own);
  }
  return names;
}
