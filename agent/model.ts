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

/** What is counted for one app. `received = sent + dropped + rejected + buffered`, in log entries. */
export interface AppCounters {
  readonly app: string;
  received: number;
  receivedBytes: number;
  sent: number;
  dropped: Map<string, number>;
  rejected: Map<string, number>;
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
  parts: BatchPart[];
  /** When its first entry came in, on the agent's clock. */
  sinceMs: number;
  /** How often it was pushed without success. */
  attempts: number;
  /** How often in a row it was answered with "too many requests". */
  throttled: number;
}

/** What became of one push. */
export type PushVerdict =
  | { kind: 'sent' }
  /** Worth trying again with the same bytes. */
  | { kind: 'retry'; code: string; why: string; throttled: boolean; afterMs?: number }
  /** Nothing will get better before somebody changes a setting. */
  | { kind: 'blocked'; code: string; why: string }
  /** Refused for good; `refused` lists the counts that the answer gave, `undefined` if it gave none. */
  | { kind: 'refused'; reason: string; why: string; refused?: { labels: string; entries: number }[] }
  /** Too large for the receiver; `limitBytes` is its limit of decoded bytes if it said so. */
  | { kind: 'split'; why: string; limitBytes?: number };

/** A receiver of batches. */
export interface Output {
  /** Pushes the bytes once and says what became of them; never rejects. */
  push(bytes: Uint8Array, signal: AbortSignal): Promise<{ verdict: PushVerdict; status: string }>;
}
