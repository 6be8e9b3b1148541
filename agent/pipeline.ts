// One path from socket to sink, put together from its parts:
//
//   inputs ──records──► intake ──► batcher ──sealed batches──► lanes: queue ──► delivery ──► output
//                         └► joiner ┘ (pieces of long lines)
//
// Everything happens on one thread, in the callbacks of reads, timers and answers.

import { createArena, READ_BYTES } from './buffer/arena.ts';
import { Batcher, regionBytes } from './buffer/batcher.ts';
import { Intake } from './buffer/intake.ts';
import { BufferPool } from './buffer/pool.ts';
import { type Stream, StreamTable } from './buffer/stream-table.ts';
import type { OutputSettings } from './config/outputs.ts';
import type { AgentConfig } from './config/schema.ts';
import type { Input } from './input/input.ts';
import { Joiner } from './input/joiner.ts';
import { startInput } from './input/registry.ts';
import { Marks } from './keeper.ts';
import { Lane } from './lane.ts';
import type { Batch, LineProcessor } from './model.ts';
import { Counters } from './observe/counters.ts';
import { OWN_MARK, OwnLog } from './observe/own-log.ts';
import type { Ports, Timer } from './ports.ts';
import { createLineSteps } from './process/line-steps.ts';

/** Everything between the ports, for one config. */
export class Pipeline {
  readonly counters: Counters;
  readonly log: OwnLog;
  readonly batcher: Batcher;
  readonly streams: StreamTable;
  readonly joiner: Joiner<Stream>;
  readonly lanes: Lane[];
  readonly keeper: Marks;
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
    const { batch, labels } = config;
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
      wallMs: () => clock.wallMs(),
    });
    this.joiner = this.createJoiner();
    this.intake.pieces = this.joiner;
    this.intake.processor = this.createSteps();
    this.keeper = new Marks({
      newest: () => this.batcher.newest,
      bufferedUpTo: () => Number.POSITIVE_INFINITY,
      settledUpTo: () => Math.min(...this.lanes.map((lane) => lane.settledUpTo), this.sealedUpTo),
      hurry: () => {},
    });
    this.lanes = config.outputs.map(
      (_, index) =>
        new Lane({
          ...{ index, config, ports, pool, counters: this.counters, log: this.log },
          onPause: () => this.updatePause(),
          // With several outputs the limit of one is none of the others' business: its lane cuts what is too large.
          onLimit: (bytes) => config.outputs.length === 1 && this.batcher.learnDecodedMax(bytes),
          onReleased: () => this.keeper.check(),
        }),
    );
  }

  /** Starts to listen. Rejects with `E_LISTEN`. */
  async start(): Promise<void> {
    const { bytes, readStart } = this.arena;
    const { ports, keeper, counters, log, intake } = this;
    const instance = this.config.labels.instance ?? 'unknown';
    const memory = { bytes, readStart, readBytes: READ_BYTES };
    const parts = { ports, memory, records: intake, lines: intake, keeper, counters, log, instance };
    for (const settings of this.config.inputs) this.inputs.push(await startInput(settings, parts));
    this.tick();
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

  /** Ends everything at once; what is still buffered is counted as abandoned. Returns the number of those entries. */
  stop(): number {
    this.ageTimer?.cancel();
    this.tickTimer?.cancel();
    for (const input of this.inputs) input.close();
    this.joiner.flush('all');
    this.intake.processor?.flush();
    this.batcher.seal();
    return this.lanes.reduce((sum, lane) => sum + lane.stop(), 0);
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

  private createSteps(): LineProcessor | undefined {
    const { clock, random } = this.ports;
    const { process, labels } = this.config;
    return createLineSteps(
      { ...process, jsonLabels: labels.json },
      {
        ...{ clock, random, counters: this.counters },
        derive: (base, values) => this.streams.derive(base, values),
        passOn: (...line) => this.intake.passOn(...line),
      },
    );
  }

  /** Number of the newest sealed batch: what is still open is settled nowhere. */
  private get sealedUpTo(): number {
    return this.batcher.entries > 0 ? this.batcher.newest - 1 : Number.POSITIVE_INFINITY;
  }

  private takeSealed(batch: Batch): void {
    this.ageTimer?.cancel();
    if (this.lanes.length > 1) batch.share = { holders: this.lanes.length };
    // Each lane changes its own: attempts, throttled.
    for (const [i, lane] of this.lanes.entries()) lane.push(i === 0 ? batch : { ...batch });
  }

  private updatePause(): void {
    const paused = this.lanes.some((lane) => lane.paused);
    if (paused === this.paused) return;
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

/** The names of the outputs: as configured, else the type, with a number where that is taken. */
function nameOutputs(outputs: readonly OutputSettings[]): string[] {
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
