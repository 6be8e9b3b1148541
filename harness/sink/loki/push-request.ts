// A push once decoded, whatever it was encoded as: streams by label text, entries with their line as bytes. Lines
// are views into the request's own bytes, so that invalid UTF-8 is kept and nothing is copied twice.

/** Name and value pairs stored beside a line, in the order they were sent. */
export type Metadata = readonly (readonly [name: string, value: string])[];

/** One line with its time in Unix nanoseconds. */
export interface PushedEntry {
  tsNs: bigint;
  line: Buffer;
  metadata: Metadata;
}

/** Entries of one stream; `labels` is the selector text as the client sent it, not yet checked. */
export interface PushedStream {
  labels: string;
  entries: PushedEntry[];
}

export const NO_METADATA: Metadata = [];

/** What Loki counts against its rates for an entry: bytes of the line and of its structured metadata. */
export function entryBytes(entry: PushedEntry): number {
  let bytes = entry.line.length;
  for (const [name, value] of entry.metadata) bytes += Buffer.byteLength(name) + Buffer.byteLength(value);
  return bytes;
}
