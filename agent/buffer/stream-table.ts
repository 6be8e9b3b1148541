// Finds the stream of a record by the bytes of its tag. The common case is one hash over the tag and one comparison in
// a small table; only a tag that is not in it costs a string. The number of streams is bounded: what comes after the
// bound goes into one overflow stream, so that tags made of ids cannot flood Loki's index.

import { writeVarint } from '../codec/protobuf.ts';
import { parseLabels } from '../codec/push-reader.ts';
import type { AppCounters, LineTarget, ScannedRecord } from '../model.ts';
import type { Counters } from '../observe/counters.ts';
import { DerivedStreams, type LabelValues } from './derived-streams.ts';
import { clean, describeLabels, type LabelSettings, makeLabels, nameLabels } from './labels.ts';

/** What the agent knows of one stream; the fields from `batch` on belong to the open batch. */
export class Stream {
  readonly labels: string;
  readonly counters: AppCounters;
  /** The labels by name. */
  readonly set: Readonly<Record<string, string>>;
  /** The protobuf field that opens the stream in a push request: `1: labels`. */
  readonly labelField: Uint8Array;
  /** Time of its last entry: entries of one stream never share a time, see batcher.ts. */
  seconds = 0;
  nanos = 0;
  /** Number of the batch that the fields below belong to. */
  batch = 0;
  entries = 0;
  /** Where the next entry goes, and where the current segment ends. */
  position = 0;
  end = 0;
  firstSegment = 0;
  lastSegment = 0;
  /** Bytes to ask for first in the next batch. */
  segmentHint = 0;

  constructor(labels: { text: string; set: Readonly<Record<string, string>> }, counters: AppCounters) {
    this.labels = labels.text;
    this.set = labels.set;
    this.counters = counters;
    const text = new TextEncoder().encode(labels.text);
    const field = new Uint8Array(text.length + 6);
    field[0] = 0x0a;
    const start = writeVarint(field, 1, text.length);
    field.set(text, start);
    this.labelField = field.subarray(0, start + text.length);
  }
}

const SLOTS = 1024;

interface Slot {
  tag: Uint8Array;
  name: Uint8Array;
  stream: Stream;
}

/** Settings of the table. */
export interface StreamTableOptions {
  labels: LabelSettings;
  streamsMax: number;
  counters: Counters;
}

/** See the file's comment. */
export class StreamTable {
  private readonly slots: (Slot | undefined)[] = new Array(SLOTS).fill(undefined);
  private readonly streams = new Map<string, Stream>();
  private readonly options: StreamTableOptions;
  private readonly usesName: boolean;
  private readonly derived = new DerivedStreams<Stream>((base, names, texts) => this.deriveByText(base, names, texts));
  private overflow: Stream | undefined;
  /** A sweep costs a look at every stream; under a flood of new tags most records go without one. */
  private overflowsUntilSweep = 0;

  constructor(options: StreamTableOptions) {
    this.options = options;
    this.usesName = options.labels.app === 'container-name';
  }

  /** Number of streams told apart at present. */
  get size(): number {
    return this.streams.size;
  }

  /** The stream of a record. */
  find(record: ScannedRecord): Stream {
    const { bytes, tagStart, tagEnd } = record;
    const named = this.usesName && record.nameStart >= 0;
    const nameStart = named ? record.nameStart : 0;
    const nameEnd = named ? record.nameEnd : 0;
    let hash = tagEnd - tagStart;
    for (let i = tagStart; i < tagEnd; i++) hash = (Math.imul(hash, 31) + (bytes[i] as number)) | 0;
    for (let i = nameStart; i < nameEnd; i++) hash = (Math.imul(hash, 31) + (bytes[i] as number)) | 0;
    const index = (hash ^ (hash >>> 15)) & (SLOTS - 1);
    const slot = this.slots[index];
    if (slot !== undefined && equals(slot.tag, bytes, tagStart, tagEnd) && equals(slot.name, bytes, nameStart, nameEnd))
      return slot.stream;
    const tag = bytes.slice(tagStart, tagEnd);
    const name = bytes.slice(nameStart, nameEnd);
    const stream = this.findByText(decode(tag), decode(name));
    if (stream !== this.overflow) this.slots[index] = { tag, name, stream };
    return stream;
  }

  /** The stream for a tag and a container's name in text. */
  of(tag: string, name: string): Stream {
    return this.findByText(tag, this.usesName ? name : '');
  }

  /** The stream of `base` with further labels, whose values lie in the line. Where there are too many, it is `base` itself. */
  derive(base: LineTarget, values: LabelValues): LineTarget {
    // Every target was made by this table.
    return this.derived.find(base as Stream, values);
  }

  private deriveByText(base: Stream, names: readonly string[], texts: readonly string[]): Stream {
    const set: Record<string, string> = { ...base.set };
    names.forEach((name, i) => {
      if (texts[i] !== '') set[name] = clean(texts[i] as string);
    });
    const text = describeLabels(set);
    const known = this.streams.get(text);
    if (known !== undefined) return known;
    if (this.streams.size >= this.options.streamsMax && this.overflowsUntilSweep-- <= 0) this.forgetIdle();
    if (this.streams.size >= this.options.streamsMax) {
      this.options.counters.totals.streamsOverflowed++;
      return base;
    }
    const stream = new Stream({ set, text }, base.counters);
    this.streams.set(text, stream);
    return stream;
  }

  /** The stream of labels that were made before: dead letters, replayed. */
  ofLabels(text: string, app: string): Stream {
    const known = this.streams.get(text);
    if (known !== undefined) return known;
    if (this.streams.size >= this.options.streamsMax) return this.overflowStream();
    const stream = new Stream({ set: parseLabels(text), text }, this.options.counters.ofApp(app));
    this.streams.set(text, stream);
    return stream;
  }

  /** Forgets the streams that have had no entry since batch number `batch`, to make room for new ones. */
  private forgetIdle(): void {
    this.overflowsUntilSweep = 1000;
    let newest = 0;
    for (const stream of this.streams.values()) newest = Math.max(newest, stream.batch);
    for (const [key, stream] of this.streams) if (stream.batch < newest - IDLE_BATCHES) this.streams.delete(key);
    this.slots.fill(undefined);
    this.derived.clear();
  }

  private findByText(tag: string, name: string): Stream {
    const labels = makeLabels(tag, name, this.options.labels);
    const known = this.streams.get(labels.text);
    if (known !== undefined) return known;
    if (this.streams.size >= this.options.streamsMax && this.overflowsUntilSweep-- <= 0) this.forgetIdle();
    if (this.streams.size >= this.options.streamsMax) return this.overflowStream();
    const stream = new Stream(labels, this.options.counters.ofApp(labels.app));
    this.streams.set(labels.text, stream);
    return stream;
  }

  private overflowStream(): Stream {
    this.options.counters.totals.streamsOverflowed++;
    if (this.overflow === undefined) {
      const { labels, counters } = this.options;
      const name = '_overflow';
      const set = nameLabels({ app: name, service: name, tag: name, instance: labels.instance }, labels);
      this.overflow = new Stream({ set, text: describeLabels(set) }, counters.ofApp(name));
    }
    return this.overflow;
  }
}

/** A stream is idle when this many batches, at least one second apart when all is quiet, went without it. */
const IDLE_BATCHES = 600;

const decoder = new TextDecoder();

function decode(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

function equals(known: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (known.length !== end - start) return false;
  for (let i = 0; i < known.length; i++) if (known[i] !== bytes[start + i]) return false;
  return true;
}
