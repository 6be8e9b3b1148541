// One path from socket to sink, put together from its parts:
//
//   input ──records──► intake ──► batcher ──sealed batches──► queue ──► delivery ──► output
//                        └► joiner ┘ (pieces of long lines)
//
// Everything happens on one thread, in the callbacks of reads, timers and answers.

import { createArena, READ_BYTES } from './buffer/arena.ts';
import { Batcher, regionBytes } from './buffer/batcher.ts';
import { Intake } from './buffer/intake.ts';
import { dropBatch, MemoryQueue } from './buffer/memory-queue.ts';
import { BufferPool } from './buffer/pool.ts';
import { type Stream, StreamTable } from './buffer/stream-table.ts';
import type { AgentConfig } from './config/schema.ts';
import { Delivery } from './delivery/delivery.ts';
import { splitBatch } from './delivery/split-batch.ts';
import { type Input, startForwardInput } from './input/forward.ts';
import { Joiner } from './input/joiner.ts';
import type { Batch } from './model.ts';
import { Counters } from './observe/counters.ts';
import { OWN_MARK, OwnLog } from './observe/own-log.ts';
import { createLokiOutput } from './output/loki.ts';
import type { Ports, Timer } from './ports.ts';

/** Everything between the ports, for one config. */
export class Pipeline {
  readonly counters: Counters;
  readonly log: OwnLog;
  readonly batcher: Batcher;
  readonly streams: StreamTable;
  readonly joiner: Joiner<Stream>;
  readonly queue: MemoryQueue;
  readonly delivery: Delivery;
  readonly inputs: Input[] = [];
  /** True while inputs do not read because the buffer is full. */
  paused = false;
  private readonly config: AgentConfig;
  private readonly ports: Ports;
  private readonly arena;
  private readonly intake: Intake;
  private ageTimer: Timer | undefined;
  private tickTimer: Timer | undefined;

  constructor(config: AgentConfig & { labels: { instance: string } }, ports: Ports) {
    this.config = config;
    this.ports = ports;
    const { clock } = ports;
    const { batch, labels, buffer } = config;
    this.counters = new Counters(labels.streamsMax);
    this.log = new OwnLog(ports, () => this.counters.totals.ownLinesSuppressed++);
    this.arena = createArena(regionBytes(batch.decodedMax));
    const pool = new BufferPool();
    this.batcher = new Batcher({
      arena: this.arena,
      pool,
      counters: this.counters,
      marker: Buffer.from(OWN_MARK),
      decodedMax: batch.decodedMax,
      entriesMax: batch.entriesMax,
      nowMs: () => clock.nowMs(),
      onOpen: () => {
        this.ageTimer?.cancel();
        this.ageTimer = clock.setTimer(() => this.batcher.seal(), batch.ageMax);
      },
      onSealed: (sealed) => this.takeSealed(sealed),
    });
    this.streams = new StreamTable({ labels, streamsMax: labels.streamsMax, counters: this.counters });
    this.intake = new Intake({
      batcher: this.batcher,
      streams: this.streams,
      counters: this.counters,
      lineMax: config.lineMax,
      lineOver: config.lineOver,
      wallMs: () => clock.wallMs(),
    });
    this.joiner = this.createJoiner();
    this.intake.pieces = this.joiner;
    this.queue = new MemoryQueue({
      bytesMax: buffer.memoryMax,
      policy: buffer.policy,
      pool,
      onPause: (paused) => this.setPaused(paused),
    });
    this.delivery = this.createDelivery();
  }

  /** Starts to listen. Rejects with `E_LISTEN`. */
  async start(): Promise<void> {
    const { bytes, readStart } = this.arena;
    for (const settings of this.config.inputs) {
      const mode = settings.socketMode === undefined ? undefined : Number.parseInt(settings.socketMode, 8);
      const memory = { bytes, readStart, readBytes: READ_BYTES };
      this.inputs.push(
        await startForwardInput(
          { ...settings, socketMode: mode },
          { net: this.ports.net, memory, sink: this.intake, counters: this.counters, log: this.log },
        ),
      );
    }
    this.tick();
  }

  /** Passes on what is still being joined or gathered; the next step is delivery. */
  flush(): void {
    this.joiner.flush('all');
    this.batcher.seal();
    this.delivery.hurry();
  }

  /** True when nothing waits any more. */
  get isEmpty(): boolean {
    return this.batcher.entries === 0 && this.queue.entries === 0 && this.joiner.openCount === 0;
  }

  /** Entries taken in that have not found their end. */
  get bufferedEntries(): number {
    return this.batcher.entries + this.queue.entries;
  }

  /** Since when the oldest of them has waited, on the agent's clock. */
  get oldestSinceMs(): number | undefined {
    let oldest = this.queue.head?.sinceMs;
    for (const batch of this.delivery.flying) oldest = Math.min(oldest ?? batch.sinceMs, batch.sinceMs);
    return oldest;
  }

  /** Ends everything at once; what is still buffered is counted as abandoned. Returns the number of those entries. */
  stop(): number {
    this.ageTimer?.cancel();
    this.tickTimer?.cancel();
    for (const input of this.inputs) input.close();
    this.joiner.flush('all');
    this.batcher.seal();
    this.delivery.stop();
    const abandoned = this.queue.entries;
    for (let batch = this.queue.take(); batch !== undefined; batch = this.queue.take()) {
      dropBatch(batch, 'abandoned');
      this.queue.release(batch);
    }
    return abandoned;
  }

  private createJoiner(): Joiner<Stream> {
    const { sizeMax, totalMax, openMax, timeout } = this.config.partials;
    const { totals } = this.counters;
    return new Joiner<Stream>({
      sizeMax,
      totalMax,
      openMax,
      timeoutMs: timeout,
      nowMs: () => this.ports.clock.nowMs(),
      target: (record) => this.streams.find(record),
      emit: (stream, bytes, length, seconds, nanos) => this.intake.takeLine(stream, bytes, 0, length, seconds, nanos),
      count: (what) => {
        if (what === 'piece') totals.partialPieces++;
        else if (what === 'timeout') totals.partialTimeouts++;
        else totals.partialOverflows++;
      },
    });
  }

  private createDelivery(): Delivery {
    const [settings] = this.config.outputs;
    if (settings === undefined) throw new TypeError('a config has an output');
    const { clock, net, random } = this.ports;
    return new Delivery({
      settings: {
        inFlightMax: settings.inFlightMax,
        timeoutMs: settings.timeout,
        retry: { minMs: settings.retry.min, maxMs: settings.retry.max },
        blockedRetry: { minMs: Math.min(1000, settings.retry.blocked), maxMs: settings.retry.blocked },
      },
      queue: this.queue,
      output: createLokiOutput(settings, { net, clock }),
      clock,
      random,
      counters: this.counters,
      log: this.log,
      onLimit: (bytes) => this.batcher.learnDecodedMax(bytes),
    });
  }

  private takeSealed(batch: Batch): void {
    this.ageTimer?.cancel();
    this.pushWithinEncodedMax(batch);
    this.delivery.pump();
  }

  /** Compression makes nearly every batch smaller; the few that are still too large are halved, at most log2(entries) deep. */
  private pushWithinEncodedMax(batch: Batch): void {
    const halves = batch.bytes.length > this.config.batch.encodedMax ? splitBatch(batch) : undefined;
    if (halves === undefined) this.queue.push(batch);
    else for (const half of halves) this.pushWithinEncodedMax(half);
  }

  private setPaused(paused: boolean): void {
    this.paused = paused;
    for (const input of this.inputs) input.setPaused(paused);
    if (paused) this.log.warn('W_BUFFER_BLOCKS', 'the buffer is full: reading is paused, senders will feel it');
  }

  /** What has to happen about once a second. */
  private tick(): void {
    this.intake.refreshClock();
    this.joiner.flush('due');
    this.tickTimer = this.ports.clock.setTimer(() => this.tick(), 1000);
  }
}
