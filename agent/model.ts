// The nouns that the agent's parts share. Parts are peers: they meet in pipeline.ts and know each other by these types.

/**
 * The record a scanner stands on: offsets into `bytes`, no copies. Valid until the scanner moves on.
 * A pair `xStart`, `xEnd` with `xStart < 0` means that the key is absent.
 */
export interface ScannedRecord {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly tagStart: number;
  readonly tagEnd: number;
  /** Seconds since 1970 as sent; not above 0 where the sender gave no usable time. */
  readonly seconds: number;
  readonly nanos: number;
  /** Where the record's map begins. */
  readonly recordStart: number;
  readonly logStart: number;
  readonly logEnd: number;
  readonly idStart: number;
  readonly idEnd: number;
  readonly nameStart: number;
  readonly nameEnd: number;
  readonly sourceStart: number;
  readonly sourceEnd: number;
  /** True when the record is a piece of a longer line. */
  readonly partial: boolean;
  /** True when it says that it is the last piece. */
  readonly partialLast: boolean;
  readonly partialIdStart: number;
  readonly partialIdEnd: number;
}

/** Takes records one by one, in the order in which their connection sent them. */
export interface RecordSink {
  /** Takes the record that the scanner stands on; what it keeps, it copies. */
  take(record: ScannedRecord): void;
}

/** Where a line goes: the stream of its labels. Parts other than the buffer only pass it on. */
export interface LineTarget {
  /** As Loki writes them: `{app="x", service="y"}`. */
  readonly labels: string;
  readonly counters: AppCounters;
  /** The labels by name. */
  readonly set: Readonly<Record<string, string>>;
}

/** Takes whole lines that are no Forward records: what other inputs read. */
export interface LineSink {
  /** The target for a tag and, where known, a container's name. Keep it no longer than one read: streams are forgotten. */
  target(tag: string, name: string): LineTarget;
  /** Takes `bytes[start, start + length)`; what it keeps, it copies. `seconds` not above 0 means now. */
  takeLine(target: LineTarget, bytes: Uint8Array, start: number, length: number, seconds: number, nanos: number): void;
  /** True if `container` is the id of the agent's own container, or the beginning of it. */
  isOwn(container: string): boolean;
  /** Takes a line of the agent's own container: it is counted and dropped. */
  dropOwn(target: LineTarget, length: number): void;
}

/** A line and its time: `bytes[start, start + length)`. */
export interface TimedLine {
  target: LineTarget;
  bytes: Uint8Array;
  start: number;
  length: number;
  seconds: number;
  nanos: number;
}

/** Structured metadata of the line under way, for parts that hold lines back. */
export interface LineMetadata {
  /** A copy to keep with the line; `undefined` if it has none. */
  hold(): Uint8Array | undefined;
}

/**
 * What stands between the inputs and the batch, if the config asks for it: it looks at each whole line, and may change,
 * divert or drop it. The pipeline calls it only where it is needed.
 */
export interface LineProcessor {
  /** The line as it is to go on, valid after `process` has returned true. */
  readonly target: LineTarget;
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly length: number;
  /** Works on one line; false when it goes no further now: it was dropped and counted, or is held back and passed on later. */
  process(
    target: LineTarget,
    bytes: Uint8Array,
    start: number,
    length: number,
    seconds: number,
    nanos: number,
  ): boolean;
  /** A value that stands beside the line, under the key that it has there, without personal data. */
  scrubValue(key: string, value: Uint8Array): Uint8Array;
  /** Lines that are held back. */
  readonly openCount: number;
  /** Passes on what is held back. */
  flush(): void;
}

/** A line that is given up before it became part of a batch. */
export interface LostLine {
  readonly labels: string;
  readonly line: Uint8Array;
  readonly seconds: number;
  readonly nanos: number;
  /** Its structured metadata, encoded. */
  readonly metadata: Uint8Array | undefined;
  readonly reason: string;
}

/** A line that is held back in memory until the rest of it comes. */
export interface HeldLine {
  readonly target: Pick<LineTarget, 'labels' | 'counters'>;
  readonly bytes: Uint8Array;
  readonly length: number;
  readonly seconds: number;
  readonly nanos: number;
  /** Its structured metadata, encoded. */
  readonly metadata: Uint8Array | undefined;
}

/** Is told of every line that is held back: acks and checkpoints must not rest on it. */
export interface HeldBook {
  /** `line` is held from now on, or has grown. */
  grew(line: HeldLine): void;
  /** `line` is held no longer: `run` passes it on. */
  pass(line: HeldLine, run: () => void): void;
}

/** Tells inputs when what they have handed over is safe. */
export interface Keeper {
  /**
   * Calls `run` when every record taken so far is in every buffer that acks wait for: at once in memory, after the write
   * (and the fsync, where the policy is `batch`) on disk, lines that are held back included. For acks.
   */
  whenBuffered(run: () => void): void;
  /**
   * Calls `run` when none of the records taken so far has to be read again, even after a kill: on disk as above, in
   * memory when all of them are sent, dropped or rejected; lines that are held back must have gone on. For checkpoints
   * and cursors.
   */
  whenSettled(run: () => void): void;
}

/** What is counted for one app at one output. */
export interface OutputCounts {
  /** Found on disk at the start: taken in by an earlier process. */
  recovered: number;
  /** Further entries that lines became because this output's receiver takes only shorter ones. */
  split: number;
  sent: number;
  dropped: Map<string, number>;
  rejected: Map<string, number>;
}

/**
 * What is counted for one app. For every output, in log entries,
 * `received + outputs[i].recovered + outputs[i].split = dropped + outputs[i].sent + outputs[i].dropped + outputs[i].rejected + buffered`.
 */
export interface AppCounters {
  readonly app: string;
  received: number;
  receivedBytes: number;
  /** Given up before there was a question of outputs. */
  dropped: Map<string, number>;
  /** One for each output, in the config's order. */
  readonly outputs: OutputCounts[];
}

/** The share of one stream in a batch, in the order of the streams in the encoded request. */
export interface BatchPart {
  counters: AppCounters;
  labels: string;
  entries: number;
}

/** An encoded, compressed push that waits for delivery. */
export interface Batch {
  /** Order of sealing; the queue is kept in this order. */
  sequence: number;
  /** The compressed bytes: a view on memory of `capacityBytes`. */
  bytes: Uint8Array;
  /** What the batch really costs in memory. */
  capacityBytes: number;
  decodedBytes: number;
  entries: number;
  /** Bytes of its longest line, where that is known. */
  lineMax?: number | undefined;
  parts: BatchPart[];
  /** When its first entry came in, on the agent's clock. */
  sinceMs: number;
  /** Sealed before its time, because an ack waits for it: it may be pushed together with what follows. */
  early?: boolean | undefined;
  /** A piece of a batch that the receiver did not take as it was: not to be put together with others again. */
  alone?: boolean | undefined;
  /** How often it was pushed without success. */
  attempts: number;
  /** How often in a row it was answered with "too many requests". */
  throttled: number;
  /** Set while several outputs hold the same bytes: how many still do. */
  share?: { holders: number } | undefined;
}

/**
 * What an answer says about entries that it refuses; the others of the push are stored. An entry is meant when it is of the
 * stream and one of the marks fits. Without marks, which entries of the stream are meant is not known.
 */
export interface Refusal {
  /** What is wrong with them, as metrics call it. */
  reason: string;
  /** Their stream as Loki writes it; any stream if absent. */
  labels?: string;
  /** How many they are, where that was said. */
  entries?: number;
  /** All of the stream. */
  all?: true;
  /** Those at these times, in nanoseconds, or with `'second'` anywhere in these seconds. */
  at?: { ns: readonly bigint[]; precision: 'ns' | 'second' };
  /** Those before this time, in nanoseconds. */
  beforeNs?: bigint;
  /** Those whose line has more bytes: the receiver's limit. */
  longerThan?: number;
  /** Those with structured metadata. */
  withMetadata?: true;
  /** Those with these numbers in the push, from 0. */
  numbers?: readonly number[];
}

/** The rate that a receiver allows, in bytes per second: for all streams, or for one. */
export interface ReceiverRate {
  bytesPerSecond: number;
  labels?: string;
}

/** What became of one push. */
export type PushVerdict =
  | { kind: 'sent' }
  /** Worth trying again with the same bytes. */
  | { kind: 'retry'; code: string; why: string; throttled: boolean; afterMs?: number; rate?: ReceiverRate }
  /** Nothing will get better before somebody changes a setting. */
  | { kind: 'blocked'; code: string; why: string }
  /** Refused for good; `refused` is what the answer says about which, `undefined` if it says nothing. */
  | { kind: 'refused'; reason: string; why: string; refused?: Refusal[] }
  /** Too large for the receiver; `limitBytes` is its limit of decoded bytes if it said so. */
  | { kind: 'split'; why: string; limitBytes?: number };

/** A receiver of batches. */
export interface Output {
  /** Pushes the bytes once and says what became of them; never rejects. */
  push(bytes: Uint8Array, signal: AbortSignal): Promise<{ verdict: PushVerdict; status: string }>;
}
