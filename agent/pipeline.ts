// One path from socket to sink, put together from its parts:
//
//   inputs ──records──► line path ──► batcher ──sealed batches──► lanes: queue ──► delivery ──► output
//                       (pieces joined, lines worked on)
//
// Everything happens on one thread, in the callbacks of reads, timers and answers.

import { createArena, READ_BYTES } from './buffer/arena.ts';
import { Batcher, regionBytes } from './buffer/batcher.ts';
import { BufferPool } from './buffer/pool.ts';
import type { AgentConfig, NamedConfig } from './config/schema.ts';
import type { DeadLetters } from './delivery/dead-letters.ts';
import { openDeadLetters } from './delivery/open-dead-letters.ts';
import { HeldBack } from './held-back.ts';
import type { Input } from './input/input.ts';
import { InputGroup } from './input-group.ts';
import { Marks } from './keeper.ts';
import { Lane, nameOutputs } from './lane.ts';
import { LaneGroup } from './lane-group.ts';
import { LinePath } from './line-path.ts';
import type { Batch } from './model.ts';
import { Counters } from './observe/counters.ts';
import { Heartbeat } from './observe/heartbeat.ts';
import { OWN_MARK, OwnLog } from './observe/own-log.ts';
import type { Ports, Timer } from './ports.ts';

/** Acks that wait for a disk buffer are gathered for so long: one write and one fsync serve all of them. */
const ACK_SEAL_MS = 5;

/** Everything between the ports, for one config. */
export class Pipeline {
  readonly counters: Counters;
  readonly log: OwnLog;
  readonly batcher: Batcher;
  readonly path: LinePath;
  private readonly laneGroup: LaneGroup;
  private readonly deadLetters: DeadLetters | undefined;
  readonly keeper: Marks;
  private readonly held: HeldBack;
  private config: AgentConfig;
  private readonly ports: Ports;
  private readonly arena;
  private readonly inputGroup: InputGroup;
  private readonly heartbeat: Heartbeat;
  private ageTimer: Timer | undefined;
  private ackTimer: Timer | undefined;

  constructor(config: NamedConfig, ports: Ports) {
    this.config = config;
    this.ports = ports;
    const { clock } = ports;
    const { batch, labels } = config;
    this.inputGroup = new InputGroup(clock);
    this.counters = new Counters(labels.streamsMax, nameOutputs(config.outputs));
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
    this.held = new HeldBack({
      ...{ ports, counters: this.counters, log: this.log },
      newestBatch: () => this.batcher.newest,
      onWritten: () => this.checkMarks(),
    });
    const { counters, log, batcher } = this;
    this.deadLetters = openDeadLetters(config.deadLetters, { files: ports.files, counters, log });
    const { deadLetters } = this;
    this.path = new LinePath({ config, ports, counters, batcher, deadLetters, held: this.held.lines });
    this.keeper = new Marks({
      newest: () => this.batcher.newest,
      bufferedUpTo: () => this.upTo('bufferedUpTo'),
      settledUpTo: () => this.upTo('settledUpTo'),
      heldNewest: () => this.held.lines.newest,
      heldBufferedUpTo: () =>
        this.laneGroup.isAllMemory ? Number.POSITIVE_INFINITY : this.held.lines.loggedUpTo(this.upTo('bufferedUpTo')),
      heldSettledUpTo: () => this.held.lines.settledUpTo(this.upTo('settledUpTo')),
      hurry: () => {
        this.sealSoon();
        this.held.demand();
      },
    });
    const lanes = config.outputs.map(
      (_, index) =>
        new Lane({
          ...{ index, config, ports, pool, counters, log, deadLetters },
          onPause: () => this.updatePause(),
          onLimit: () => this.useLimits(),
          onReleased: () => this.checkMarks(),
        }),
    );
    this.laneGroup = new LaneGroup(lanes);
    this.heartbeat = new Heartbeat({ clock, counters, log, onBeat: () => this.beat() });
  }

  /** Opens the buffers and starts to listen. Rejects with `E_BUFFER` or `E_LISTEN`. */
  async start(): Promise<void> {
    await this.laneGroup.open();
    await this.openHeld();
    const { bytes, readStart } = this.arena;
    const { ports, keeper, counters, log } = this;
    const { intake } = this.path;
    const instance = this.config.labels.instance ?? 'unknown';
    const memory = { bytes, readStart, readBytes: READ_BYTES };
    const parts = { ports, memory, records: intake, lines: intake, keeper, counters, log, instance };
    await this.inputGroup.start(this.config.inputs, parts);
    this.heartbeat.start();
  }

  get lanes(): readonly Lane[] {
    return this.laneGroup.all;
  }

  get inputs(): readonly Input[] {
    return this.inputGroup.all;
  }

  /** True while inputs do not read because the buffer is full. */
  get paused(): boolean {
    return this.inputGroup.paused;
  }

  /** Passes on what is still being joined or gathered; the next step is delivery. */
  flush(): void {
    this.path.flush();
    this.batcher.seal();
    for (const lane of this.lanes) lane.delivery.hurry();
  }

  /** True when nothing waits any more. */
  get isEmpty(): boolean {
    return this.batcher.entries === 0 && this.path.isEmpty && this.laneGroup.isEmpty;
  }

  /** Since when the oldest entry of any lane has waited, on the agent's clock. */
  get oldestSinceMs(): number | undefined {
    return this.laneGroup.oldestSinceMs;
  }

  /** What `take` hands over goes to these outputs only: dead letters, of which the others have stored what they hold. */
  sendTo(outputs: readonly string[], take: () => void): void {
    this.batcher.seal();
    this.laneGroup.only(outputs, () => {
      take();
      this.batcher.seal();
    });
  }

  /** What cannot be delivered becomes dead letters again; to be called right before `stop`. */
  bury(): void {
    for (const lane of this.lanes) lane.bury();
  }

  /** Ends everything at once. Resolves with the entries that had to be abandoned and those that are kept on disk. */
  async stop(): Promise<{ abandoned: number; kept: number }> {
    this.ageTimer?.cancel();
    this.ackTimer?.cancel();
    this.heartbeat.stop();
    this.inputGroup.close();
    this.path.flush();
    this.batcher.seal();
    const sum = await this.laneGroup.stop();
    this.checkMarks();
    await this.held.close();
    await this.deadLetters?.close();
    return sum;
  }

  /** Goes on with the labels and steps of another config. What is held back or open is passed on as it was begun. */
  reload(config: NamedConfig): void {
    this.config = { ...this.config, labels: config.labels, process: config.process, metadata: config.metadata };
    this.path.reload(config);
  }

  /** Goes on with other outputs and bounds of buffers; names, kinds and places are those from before. */
  reloadOutputs(config: AgentConfig): void {
    this.config = { ...this.config, outputs: config.outputs, buffer: config.buffer };
    for (const lane of this.lanes) lane.reload({ ...this.config });
    this.updatePause();
    this.useLimits();
  }

  /** The newest batch that all lanes are done with in this sense; what is still open is nowhere yet, unless that is all there is to it. */
  private upTo(sense: 'bufferedUpTo' | 'settledUpTo'): number {
    const all = this.laneGroup.upTo(sense);
    if (sense === 'bufferedUpTo' && this.laneGroup.isAllMemory) return all;
    return this.batcher.entries > 0 ? Math.min(all, this.batcher.newest - 1) : all;
  }

  /** Something was written or has found its end. */
  private checkMarks(): void {
    this.held.lines.check({ buffered: this.upTo('bufferedUpTo'), settled: this.upTo('settledUpTo') });
    this.keeper.check();
  }

  /** Lines that an earlier process held back for their rest go on from here. */
  private async openHeld(): Promise<void> {
    const remains = await this.held.open(this.lanes.map(({ buffer }) => buffer));
    for (const one of remains) this.path.takeRemains(one);
    this.keeper.whenSettled(() => this.held.forgetRemains());
  }

  /** A sender waits for an ack that waits for the disk: it is not to wait for the age of a batch. */
  private sealSoon(): void {
    this.ackTimer ??= this.ports.clock.setTimer(() => {
      this.ackTimer = undefined;
      this.batcher.seal(true);
    }, ACK_SEAL_MS);
  }

  /** With several outputs the limit of one is none of the others' business: its delivery cuts what is too large. */
  private useLimits(): void {
    const [lane, ...others] = this.lanes;
    if (lane === undefined || others.length > 0) return;
    this.batcher.limit(lane.delivery.limits.of('decodedBytes'));
    this.path.intake.limit(lane.delivery.limits.of('lineBytes'));
  }

  private takeSealed(batch: Batch): void {
    this.ageTimer?.cancel();
    this.laneGroup.push(batch);
    this.takeBreath();
  }

  /**
   * Hundreds of busy senders can be read for so long at a stretch that answers of a healthy sink are not, and its buffer
   * overflows for that alone. So while batches pile up and nothing is wrong with the output, reading rests for a moment.
   */
  private takeBreath(): void {
    if (this.laneGroup.isBehind) this.inputGroup.rest();
  }

  private updatePause(): void {
    const { paused } = this.laneGroup;
    if (paused === this.paused) return;
    this.inputGroup.setPaused(paused);
    if (paused) this.log.warn('W_BUFFER_BLOCKS', 'the buffer is full: reading is paused, senders will feel it');
  }

  private beat(): void {
    this.checkMarks();
    this.path.beat();
    this.useLimits();
  }
}
