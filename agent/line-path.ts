// The way of a line from an input to the open batch: which stream it is of, what is done to it, and what is held back on
// the way for its rest. Labels and steps can be changed while lines flow.

import type { Batcher } from './buffer/batcher.ts';
import type { HeldRemains } from './buffer/held-frames.ts';
import type { HeldLines } from './buffer/held-lines.ts';
import { Intake } from './buffer/intake.ts';
import { Metadata } from './buffer/metadata.ts';
import { OwnContainer } from './buffer/own-container.ts';
import { type Stream, StreamTable } from './buffer/stream-table.ts';
import type { AgentConfig, NamedConfig } from './config/schema.ts';
import type { DeadLetters } from './delivery/dead-letters.ts';
import { Joiner } from './input/joiner.ts';
import type { LineProcessor } from './model.ts';
import type { Counters } from './observe/counters.ts';
import type { Ports } from './ports.ts';
import { createLineSteps } from './process/line-steps.ts';

/** Labels, steps and metadata: what `reload` changes. */
type LineSettings = Pick<NamedConfig, 'labels' | 'process' | 'metadata'>;

/** What it works with. */
export interface LinePathParts {
  config: NamedConfig;
  ports: Ports;
  counters: Counters;
  batcher: Batcher;
  deadLetters: DeadLetters | undefined;
  held: HeldLines;
}

/** A line that was processed and labelled before. */
export interface Letter {
  labels: string;
  app: string;
  line: Uint8Array;
  ns: bigint;
  metadata: Readonly<Record<string, string>>;
}

/** See the file's comment. */
export class LinePath {
  /** Takes records and lines from the inputs. */
  readonly intake: Intake;
  private readonly parts: LinePathParts;
  private readonly joiner: Joiner<Stream>;
  private settings: LineSettings;
  private streams: StreamTable;

  constructor(parts: LinePathParts) {
    const { config, ports, counters, batcher, deadLetters } = parts;
    this.parts = parts;
    this.settings = config;
    this.streams = this.createStreams();
    this.intake = new Intake({
      batcher,
      streams: this.streams,
      counters,
      lineMax: config.lineMax,
      lineOver: config.lineOver,
      lineMark: Buffer.from(config.lineMark),
      deadLetter: (line) => deadLetters?.addLine(line),
      wallMs: () => ports.clock.wallMs(),
      own: OwnContainer.of(config.ownContainer === 'auto' ? ports.ownContainer : config.ownContainer),
    });
    this.joiner = this.createJoiner(config.partials);
    this.intake.pieces = this.joiner;
    this.useSettings();
  }

  /** Streams that are known. */
  get streamCount(): number {
    return this.streams.size;
  }

  /** Long lines whose pieces are being joined. */
  get partialsOpen(): number {
    return this.joiner.openCount;
  }

  /** True when nothing is held back. */
  get isEmpty(): boolean {
    return this.joiner.openCount + (this.intake.processor?.openCount ?? 0) === 0;
  }

  /** Passes on all that is held back. */
  flush(): void {
    this.joiner.flush('all');
    this.intake.processor?.flush();
  }

  /** Passes on pieces whose rest has not come in time, and takes the time anew. */
  beat(): void {
    this.intake.refreshClock();
    this.joiner.flush('due');
  }

  /** Goes on with other labels, steps and metadata. What is held back or open is passed on as it was begun. */
  reload(settings: LineSettings): void {
    this.intake.processor?.flush();
    this.parts.batcher.seal();
    this.settings = settings;
    this.streams = this.createStreams();
    this.useSettings();
  }

  /** Takes a line that went this way before. */
  takeLetter({ labels, app, line, ns, metadata: encoded }: Letter): void {
    // What the line holds became metadata before, if it was to.
    const metadata = new Metadata({ record: {}, json: {} }, () => {});
    this.intake.metadata = this.parts.batcher.metadata = metadata;
    const target = this.streams.ofLabels(labels, app);
    const seconds = Number(ns / 1_000_000_000n);
    const nanos = Number(ns % 1_000_000_000n);
    const held = metadata.encode(encoded);
    this.intake.passHeld({ target, bytes: line, start: 0, length: line.length, seconds, nanos }, held);
  }

  /** Takes what an earlier process held back for its rest. */
  takeRemains({ labels, app, metadata, ...line }: HeldRemains): void {
    const target = this.streams.ofLabels(labels, app);
    this.intake.takeJoined({ ...line, target, length: line.bytes.length }, metadata);
  }

  private createStreams(): StreamTable {
    const { labels } = this.settings;
    return new StreamTable({ labels, streamsMax: labels.streamsMax, counters: this.parts.counters });
  }

  private createJoiner({ sizeMax, totalMax, openMax, timeout }: AgentConfig['partials']): Joiner<Stream> {
    const { ports, counters, held } = this.parts;
    const { totals } = counters;
    return new Joiner<Stream>({
      sizeMax,
      totalMax,
      openMax,
      timeoutMs: timeout,
      nowMs: () => ports.clock.nowMs(),
      target: (record) => this.streams.find(record),
      hold: () => this.intake.metadata?.hold(),
      emit: (line) => this.intake.takeJoined(line, line.metadata),
      count: (what) => {
        if (what === 'piece') totals.partialPieces++;
        else if (what === 'timeout') totals.partialTimeouts++;
        else totals.partialOverflows++;
      },
      held,
    });
  }

  private useSettings(): void {
    const { counters, batcher } = this.parts;
    const steps = this.createSteps();
    const { record, json } = this.settings.metadata;
    const scrub = steps && ((key: string, value: Uint8Array) => steps.scrubValue(key, value));
    const isNeeded = Object.keys(record).length + Object.keys(json).length > 0;
    const metadata = isNeeded ? new Metadata({ record, json }, () => counters.totals.metadataCut++, scrub) : undefined;
    this.intake.use(this.streams, steps, metadata);
    batcher.metadata = metadata;
  }

  private createSteps(): LineProcessor | undefined {
    const { ports, counters, held } = this.parts;
    const { clock, random } = ports;
    const { process, labels } = this.settings;
    return createLineSteps(
      { ...process, jsonLabels: labels.json },
      {
        ...{ clock, random, counters, held },
        derive: (base, values) => this.streams.derive(base, values),
        metadata: () => this.intake.metadata,
        passOn: (line, metadata) => this.intake.passHeld(line, metadata),
      },
    );
  }
}
