// What a writing thread tells about its writes: begin before write(2), end after it. Two ways to write, as apps in
// the wild have them: blocking (Go, nginx: the thread stands still in write(2)) and queued (Node on a pipe: the line
// is handed to the stream, waits in the app's memory, and the app goes on).

import { nowNs } from '../core/real-clock.ts';
import { LINE_KINDS } from '../model/line-record.ts';
import { createRecordProducer, type RecordProducer } from './record-ring.ts';

/** A write that has been open for so long is published while it is open, ms. */
export const OPEN_AFTER_MS = 100;

const UNKNOWN_OFFSET = 65_535;

/** The bytes of one write and what is to be recorded of it; load/shape/compose.ts makes it. */
export interface RecordedText {
  text: Buffer;
  bytes: number;
  crc: number;
  /** -1: the line carries no id and is recorded as anonymous. */
  idOffset: number;
  anonymous: readonly { bytes: number; crc: number }[];
  /** Of a line that is no UTF-8: what a sink that answers in JSON can show of it. */
  shown?: { bytes: number; crc: number };
}

/** A write that was begun. */
export interface BegunWrite {
  seq: number;
  beginNs: number;
  line: RecordedText;
  /** Its record with value 0 is in the ring already. */
  published: boolean;
}

/** Records the writes of one thread. */
export interface LineRecorder {
  /** Just before write(2), or as the line is handed to a stream. */
  begin(seq: number, line: RecordedText): BegunWrite;
  /** write(2) returned. Returns the end, ns. */
  end(write: BegunWrite): number;
  /** Makes the write visible to the publisher while it is open. */
  showOpen(write: BegunWrite): void;
  /** The publisher sees no open write any more. */
  hideOpen(): void;
  /** Records a write of a queueing app that is still open. */
  recordOpen(write: BegunWrite): void;
}

/** A recorder over a ring. Its calls take about 1 µs per line. */
export function createLineRecorder(shared: SharedArrayBuffer): LineRecorder {
  const producer = createRecordProducer(shared);
  let anonymousCount = 0;

  const end = (write: BegunWrite): number => {
    const endNs = nowNs();
    const { line, beginNs } = write;
    if (line.idOffset === -1)
      producer.append(LINE_KINDS.anonymous, UNKNOWN_OFFSET, anonymousCount++, beginNs, endNs, line.bytes, line.crc);
    else producer.append(LINE_KINDS.written, offsetOf(line), write.seq, beginNs, endNs, line.bytes, line.crc);
    if (line.shown)
      producer.append(LINE_KINDS.shown, UNKNOWN_OFFSET, write.seq, beginNs, endNs, line.shown.bytes, line.shown.crc);
    for (const { bytes, crc } of line.anonymous)
      producer.append(LINE_KINDS.anonymous, UNKNOWN_OFFSET, anonymousCount++, beginNs, endNs, bytes, crc);
    return endNs;
  };
  return {
    begin: (seq, line) => ({ seq, beginNs: nowNs(), line, published: false }),
    end,
    showOpen: (write) => show(producer, write),
    hideOpen: () => producer.clearOpen(),
    recordOpen: (write) => {
      write.published = true;
      const { line, seq, beginNs } = write;
      if (line.idOffset !== -1)
        producer.append(LINE_KINDS.written, offsetOf(line), seq, beginNs, 0, line.bytes, line.crc);
    },
  };
}

function show(producer: RecordProducer, { line, seq, beginNs }: BegunWrite): void {
  const kind = line.idOffset === -1 ? LINE_KINDS.anonymous : LINE_KINDS.written;
  producer.open(kind, offsetOf(line), seq, beginNs, line.bytes, line.crc);
}

function offsetOf({ idOffset }: RecordedText): number {
  return idOffset < 0 || idOffset > UNKNOWN_OFFSET ? UNKNOWN_OFFSET : idOffset;
}
