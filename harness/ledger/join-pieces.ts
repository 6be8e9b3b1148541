// Docker cuts lines at 16 KiB and an agent may store the pieces as entries of their own: only the first holds the
// id. The pieces of a stream are joined in the order of the listing until the joined text is the written line.

import { crc32 } from 'node:zlib';
import type { SinkEntry } from '../model/parts.ts';
import type { FoundId } from './classify-line.ts';
import type { WrittenLine } from './written-lookup.ts';

/** Docker's copier hands on at most so many bytes of a line at once. */
const PIECE_BYTES = 16_384;

/** A line whose first piece was seen, whole or given up. */
export interface JoinedLine {
  app: string;
  id: FoundId;
  tNs: number;
  /** Bytes of all pieces if whole, else of the first. */
  bytes: number;
  isWhole: boolean;
  /** The pieces after the first. */
  continuations: Buffer[];
}

/** Joins pieces stream by stream; holds at most one open line per stream. */
export interface PieceJoiner {
  /** Takes the first piece of a line; false when it cannot be one. */
  begin(piece: {
    app: string;
    id: FoundId;
    entry: SinkEntry;
    unwrapped: Buffer;
    written: WrittenLine | undefined;
  }): boolean;
  /** Takes an entry without an id as the next piece of its stream; false when no line is open there. */
  continue(entry: SinkEntry, unwrapped: Buffer): boolean;
  /** Gives up the lines that are still open. */
  flush(): void;
}

interface OpenLine extends JoinedLine {
  expected: { bytes: number; crc: number };
  seen: number;
  crc: number;
}

/** A joiner that tells `onLine` of each line once it is whole or given up. */
export function createPieceJoiner(onLine: (line: JoinedLine) => void): PieceJoiner {
  const open = new Map<string, OpenLine>();
  const settle = (stream: string, line: OpenLine): void => {
    open.delete(stream);
    onLine({ ...line, bytes: line.isWhole ? line.seen : line.bytes });
  };
  return {
    begin: ({ app, id, entry, unwrapped, written }) => {
      if (unwrapped.length !== PIECE_BYTES || !written?.hasCrc || written.bytes <= PIECE_BYTES) return false;
      const stream = nameStream(entry.labels);
      const before = open.get(stream);
      if (before) settle(stream, before);
      open.set(stream, {
        app,
        id,
        tNs: Number(entry.tNs),
        bytes: unwrapped.length,
        isWhole: false,
        continuations: [],
        expected: { bytes: written.bytes, crc: written.crc },
        seen: unwrapped.length,
        crc: crc32(unwrapped),
      });
      return true;
    },
    continue: (entry, unwrapped) => {
      if (open.size === 0) return false;
      const stream = nameStream(entry.labels);
      const line = open.get(stream);
      if (!line || line.seen + unwrapped.length > line.expected.bytes) return false;
      line.seen += unwrapped.length;
      line.crc = crc32(unwrapped, line.crc);
      line.continuations.push(Buffer.from(unwrapped));
      line.isWhole = line.seen === line.expected.bytes && line.crc === line.expected.crc;
      if (line.seen === line.expected.bytes) settle(stream, line);
      return true;
    },
    flush: () => {
      for (const [stream, line] of [...open]) settle(stream, line);
    },
  };
}

/** The stream without Docker's numbers of pieces, which Loki may show among its labels. */
function nameStream(labels: Record<string, string>): string {
  return Object.keys(labels)
    .filter((key) => !key.startsWith('partial_'))
    .sort()
    .map((key) => `${key}=${labels[key]}`)
    .join('\n');
}
