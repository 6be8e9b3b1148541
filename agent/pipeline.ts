// One path from socket to sink, put together from its parts:
//
//   inputs ──records──► intake ──► batcher ──sealed batches──► lanes: queue ──► delivery ──► output
//                         └► joiner ┘ (pieces of long lines)
//
// Everything happens on one thread, in the callbacks of reads, timers and answers.

import { createArena, READ_BYTES } from './buffer/arena.ts';
import { Batcher, regionBytes } from './buffer/batcher.ts';
import { Intake } from './buffer/intake.ts';
import { Metadata } from './buffer/metadata.ts';
import { OwnContainer } from './buffer/own-container.ts';
import { BufferPool } from './buffer/pool.ts';
import { type Stream, StreamTable } from './buffer/stream-table.ts';
import type { AgentConfig } from './config/schema.ts';
import { DeadLetters } from './delivery/dead-letters.ts';
import { HeldBack } from './held-back.ts';
import type { Input } from './input/input.ts';
import { Joiner } from './input/joiner.ts';
import { InputGroup } from './input-group.ts';
import { Marks } from './keeper.ts';
import { Lane, nameOutputs } from './lane.ts';
import type { Batch, LineProcessor } from './model.ts';
import { Counters } from './observe/counters.ts';
import { OWN_MARK, OwnLog } from './observe/own-log.ts';
import type { Ports, Timer } from './ports.ts';
import { createLineSteps } from './process/line-steps.ts';

/** Acks that wait for a disk buffer are gathered for so long: one write and one fsync serve all of them. */
const ACK_SEAL_MS = 5;
const TICK_MS = 1000;
/** So many batches that wait for a healthy output, and reading rests for a moment. */
const BREATH_BATCHES = 4;
/** A thread that was busy or stopped for so long is worth a line. */
const STALL_MS = 500;

/** Everything between the ports, for one config. */
export class Pipeline {
  readonly counters: Counters;
  readonly log: OwnLog;
  readonly batcher: Batcher;
  streams: StreamTable;
  readonly joiner: Joiner<Stream>;
  readonly lanes: Lane[];
  private readonly deadLetters: DeadLetters | undefined;
  readonly keeper: Marks;
  private readonly held: HeldBack;
  private config: AgentConfig;
  private readonly ports: Ports;
  private readonly arena;
  private readonly intake: Intake;
  private readonly group: InputGroup;
  /** The outputs that get the next batch; all if undefined. */
  private targets: readonly string[] | undefined;
  private ageTimer: Timer | undefined;
  private ackTimer: Timer | undefined;
  private tickTimer: Timer | undefined;
  private tickDueMs = Number.POSITIVE_INFINITY;

  constructor(config: AgentConfig & { labels: { instance: string } }, ports: Ports) {
    this.config = config;
    this.ports = ports;
    const { clock } = ports;
    const { batch, labels } = config;
    this.group = new InputGroup(clock);
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
    this.streams = new StreamTable({ labels, streamsMax: labels.streamsMax, counters: this.counters });
    this.intake = new Intake({
      batcher: this.batcher,
      streams: this.streams,
      counters: this.counters,
      lineMax: config.lineMax,
      lineOver: config.lineOver,
      lineMark: Buffer.from(config.lineMark),
      deadLetter: (line) => this.deadLetters?.addLine(line),
      wallMs: () => clock.wallMs(),
      own: OwnContainer.of(config.ownContainer === 'auto' ? ports.ownContainer : config.ownContainer),
    });
    this.held = new HeldBack({
      ...{ ports, counters: this.counters, log: this.log },
      newestBatch: () => this.batcher.newest,
      onWritten: () => this.checkMarks(),
    });
    this.joiner = this.createJoiner();
    this.intake.pieces = this.joiner;
    this.useSteps();
    this.keeper = new Marks({
      newest: () => this.batcher.newest,
      bufferedUpTo: () => this.upTo('bufferedUpTo'),
      settledUpTo: () => this.upTo('settledUpTo'),
      heldNewest: () => this.held.lines.newest,
      heldBufferedUpTo: () =>
        this.isAllMemory ? Number.POSITIVE_INFINITY : this.held.lines.loggedUpTo(this.upTo('bufferedUpTo')),
      heldSettledUpTo: () => this.held.lines.settledUpTo(this.upTo('settledUpTo')),
      hurry: () => {
        this.sealSoon();
        this.held.demand();
      },
    });
    this.deadLetters = this.createDeadLetters();
    this.lanes = config.outputs.map(
      (_, index) =>
        new Lane({
          ...{ index, config, ports, pool, counters: this.counters, log: this.log },
          ...{ deadLetters: this.deadLetters },
          onPause: () => this.updatePause(),
          onLimit: () => this.useLimits(),
          onReleased: () => this.checkMarks(),
        }),
    );
  }

  /** Opens the buffers and starts to listen. Rejects with `E_BUFFER` or `E_LISTEN`. */
  async start(): Promise<void> {
    for (const lane of this.lanes) await lane.open();
    await this.openHeld();
    const { bytes, readStart } = this.arena;
    const { ports, keeper, counters, log, intake } = this;
    const instance = this.config.labels.instance ?? 'unknown';
    const memory = { bytes, readStart, readBytes: READ_BYTES };
    const parts = { ports, memory, records: intake, lines: intake, keeper, counters, log, instance };
    await this.group.start(this.config.inputs, parts);
    this.tick();
  }

  get inputs(): readonly Input[] {
    return this.group.all;
  }

  /** True while inputs do not read because the buffer is full. */
  get paused(): boolean {
    return this.group.paused;
  }

  /** Passes on what is still being joined or gathered; the next step is delivery. */
  flush(): void {
    this.joiner.flush('all');
    this.intake.processor?.flush();
    this.batcher.seal();
    for (const lane of this.lanes) lane.delivery.hurry();
  }

  /** True when nothing waits any more. */
  get isEmpty(): boolean {
    const held = this.joiner.openCount + (this.intake.processor?.openCount ?? 0);
    return this.batcher.entries === 0 && held === 0 && this.lanes.every((lane) => lane.entries === 0);
  }

  /** Since when the oldest entry of any lane has waited, on the agent's clock. */
  get oldestSinceMs(): number | undefined {
    const all = this.lanes.flatMap((lane) => lane.oldestSinceMs ?? []);
    return all.length > 0 ? Math.min(...all) : undefined;
  }

  /** Takes a line that was processed and labelled before. */
  takeLetter(letter: {
    labels: string;
    app: string;
    line: Uint8Array;
    ns: bigint;
    metadata: Readonly<Record<string, string>>;
  }): void {
    const { labels, app, line, ns } = letter;
    // What the line holds became metadata before, if it was to.
    const metadata = new Metadata({ record: {}, json: {} }, () => {});
    this.intake.metadata = this.batcher.metadata = metadata;
    const target = this.streams.ofLabels(labels, app);
    const seconds = Number(ns / 1_000_000_000n);
    const nanos = Number(ns % 1_000_000_000n);
    const held = metadata.encode(letter.metadata);
    this.intake.passHeld({ target, bytes: line, start: 0, length: line.length, seconds, nanos }, held);
  }

  /** What `take` hands over goes to these outputs only: dead letters, of which the others have stored what they hold. */
  sendTo(outputs: readonly string[], take: () => void): void {
    this.batcher.seal();
    this.targets = outputs;
    take();
    this.batcher.seal();
    this.targets = undefined;
  }

  /** What cannot be delivered becomes dead letters again; to be called right before `stop`. */
  bury(): void {
    for (const lane of this.lanes) lane.bury();
  }

  /** Ends everything at once. Resolves with the entries that had to be abandoned and those that are kept on disk. */
  async stop(): Promise<{ abandoned: number; kept: number }> {
    this.ageTimer?.cancel();
    this.ackTimer?.cancel();
    this.tickTimer?.cancel();
    this.group.close();
    this.joiner.flush('all');
    this.intake.processor?.flush();
    this.batcher.seal();
    const sum = { abandoned: 0, kept: 0 };
    for (const { abandoned, kept } of await Promise.all(this.lanes.map((lane) => lane.stop()))) {
      sum.abandoned += abandoned;
      sum.kept += kept;
    }
    this.checkMarks();
    await this.held.close();
    await this.deadLetters?.close();
    return sum;
  }

  private createDeadLetters(): DeadLetters | undefined {
    const settings = this.config.deadLetters;
    if (settings === undefined) return undefined;
    const { totals } = this.counters;
    return new DeadLetters({
      ...{ files: this.ports.files, folder: settings.path, bytesMax: settings.bytesMax },
      onEvent: (event) => {
        if (event.kind === 'written') totals.deadLetters += event.entries;
        else if (event.kind === 'lost') totals.deadLettersLost += event.entries;
        else {
          totals.diskErrors++;
          const { code = 'error' } = event.error as { code?: string };
          this.log.warn('W_DEAD_LETTERS', `dead letters cannot be written: ${code}`);
        }
      },
    });
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
      hold: () => this.intake.metadata?.hold(),
      emit: (line) => this.intake.takeJoined(line, line.metadata),
      count: (what) => {
        if (what === 'piece') totals.partialPieces++;
        else if (what === 'timeout') totals.partialTimeouts++;
        else totals.partialOverflows++;
      },
      held: this.held.lines,
    });
  }

  /** Goes on with the labels and steps of another config. What is held back or open is passed on as it was begun. */
  reload(config: AgentConfig & { labels: { instance: string } }): void {
    this.intake.processor?.flush();
    this.batcher.seal();
    this.config = { ...this.config, labels: config.labels, process: config.process, metadata: config.metadata };
    const { labels } = config;
    this.streams = new StreamTable({ labels, streamsMax: labels.streamsMax, counters: this.counters });
    this.useSteps();
  }

  /** Goes on with other outputs and bounds of buffers; names, kinds and places are those from before. */
  reloadOutputs(config: AgentConfig): void {
    this.config = { ...this.config, outputs: config.outputs, buffer: config.buffer };
    for (const lane of this.lanes) lane.reload({ ...this.config });
    this.updatePause();
    this.useLimits();
  }

  private useSteps(): void {
    const steps = this.createSteps();
    const { record, json } = this.config.metadata;
    const scrub = steps && ((key: string, value: Uint8Array) => steps.scrubValue(key, value));
    const isNeeded = Object.keys(record).length + Object.keys(json).length > 0;
    const metadata = isNeeded
      ? new Metadata({ record, json }, () => this.counters.totals.metadataCut++, scrub)
      : undefined;
    this.intake.use(this.streams, steps, metadata);
    this.batcher.metadata = metadata;
  }

  private createSteps(): LineProcessor | undefined {
    const { clock, random } = this.ports;
    const { process, labels } = this.config;
    return createLineSteps(
      { ...process, jsonLabels: labels.json },
      {
        ...{ clock, random, counters: this.counters, held: this.held.lines },
        derive: (base, values) => this.streams.derive(base, values),
        metadata: () => this.intake.metadata,
        passOn: (line, metadata) => this.intake.passHeld(line, metadata),
      },
    );
  }

  /** The newest batch that all lanes are done with in this sense; what is still open is nowhere yet, unless that is all there is to it. */
  private upTo(sense: 'bufferedUpTo' | 'settledUpTo'): number {
    const all = Math.min(...this.lanes.map((lane) => lane[sense]));
    if (sense === 'bufferedUpTo' && this.isAllMemory) return all;
    return this.batcher.entries > 0 ? Math.min(all, this.batcher.newest - 1) : all;
  }

  private get isAllMemory(): boolean {
    return this.lanes.every((lane) => lane.buffer.type === 'memory');
  }

  /** Something was written or has found its end. */
  private checkMarks(): void {
    this.held.lines.check({ buffered: this.upTo('bufferedUpTo'), settled: this.upTo('settledUpTo') });
    this.keeper.check();
  }

  /** Lines that an earlier process held back for their rest go on from here. */
  private async openHeld(): Promise<void> {
    const remains = await this.held.open(this.lanes.map(({ buffer }) => buffer));
    for (const { labels, app, metadata, ...line } of remains)
      this.intake.takeJoined(
        { ...line, target: this.streams.ofLabels(labels, app), length: line.bytes.length },
        metadata,
      );
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
    this.intake.limit(lane.delivery.limits.of('lineBytes'));
  }

  private takeSealed(batch: Batch): void {
    this.ageTimer?.cancel();
    const { targets } = this;
    const lanes = targets === undefined ? this.lanes : this.lanes.filter(({ name }) => targets.includes(name));
    if (lanes.length > 1) batch.share = { holders: lanes.length };
    // Each lane changes its own: attempts, throttled.
    for (const [i, lane] of lanes.entries()) lane.push(i === 0 ? batch : { ...batch });
    this.takeBreath();
  }

  /**
   * Hundreds of busy senders can be read for so long at a stretch that answers of a healthy sink are not, and its buffer
   * overflows for that alone. So while batches pile up and nothing is wrong with the output, reading rests for a moment.
   */
  private takeBreath(): void {
    const isBehind = ({ queue, delivery }: Lane): boolean =>
      queue.length >= BREATH_BATCHES && delivery.failing === undefined;
    if (this.lanes.some(isBehind)) this.group.rest();
  }

  private updatePause(): void {
    const paused = this.lanes.some((lane) => lane.paused);
    if (paused === this.paused) return;
    this.group.setPaused(paused);
    if (paused) this.log.warn('W_BUFFER_BLOCKS', 'the buffer is full: reading is paused, senders will feel it');
  }

  /** What has to happen about once a second. A timer that comes late says that something has held the thread. */
  private tick(): void {
    const { clock } = this.ports;
    const lateMs = clock.nowMs() - this.tickDueMs;
    if (lateMs > STALL_MS) {
      this.counters.totals.stalls++;
      this.counters.totals.stalledMs += Math.round(lateMs);
      this.log.warn(
        'W_STALLED',
        `nothing was done for ${(lateMs / 1000).toFixed(1)} s: the thread or the process was held`,
      );
    }
    this.intake.refreshClock();
    this.checkMarks();
    this.joiner.flush('due');
    this.useLimits();
    this.tickDueMs = clock.nowMs() + TICK_MS;
    this.tickTimer = clock.setTimer(() => this.tick(), TICK_MS);
  }
}
