// What the publisher does each time it wakes up: moves finished records to the lines file, and tells of a write
// that has been open for 100 ms or more, again each time with its new age, and of its end. Pure but for what it is
// given, so that tests drive it with a clock of their own.

import type { EmittedEvent, OpenWriteData, WriteEndData } from '../model/event.ts';
import { createLineRecord, LINE_KINDS, type LineRecord } from '../model/line-record.ts';
import type { LineWriter } from '../model/line-writer.ts';
import { OPEN_AFTER_MS } from './line-recorder.ts';
import type { RecordConsumer } from './record-ring.ts';

/** What the publisher works with. */
export interface PublishingPorts {
  app: string;
  consumer: RecordConsumer;
  writer: Pick<LineWriter, 'append' | 'flush'>;
  emit(event: EmittedEvent): void;
  nowNs(): number;
  /** Lines that wait behind the open write. */
  waitingLines(): number;
}

/** One step of the publisher. */
export function createPublishing({ app, consumer, writer, emit, nowNs, waitingLines }: PublishingPorts): () => void {
  const open = createLineRecord();
  const told = { seq: -1, beginNs: 0 };
  let openEnded = false;

  const isTold = (record: LineRecord): boolean => record.seq === told.seq && record.atNs === told.beginNs;
  const publish = (record: LineRecord): void => {
    const { kind, hop, detail, seq, atNs, value, bytes, crc } = record;
    writer.append(kind, hop, detail, seq, atNs, value, bytes, crc);
    if (kind !== LINE_KINDS.written || value === 0) return;
    if (seq === open.seq && atNs === open.atNs) openEnded = true;
    if (!isTold(record)) return;
    told.seq = -1;
    const data: WriteEndData = { seq, beginNs: atNs, endNs: value };
    emit({ atNs: value, kind: 'write-end', hop: 'app', app, bytes, data: { ...data } });
  };
  return () => {
    // The open write is read before the ring: if it ends in between, its record is among those drained now.
    openEnded = false;
    const isOpen = consumer.readOpen(open);
    consumer.drain(publish);
    const atNs = nowNs();
    const ageMs = (atNs - open.atNs) / 1e6;
    if (isOpen && !openEnded && open.kind === LINE_KINDS.written && ageMs >= OPEN_AFTER_MS) {
      // A queueing app records its waiting lines itself, as it is not blocked.
      if (!isTold(open) && !consumer.queued) publish(open);
      told.seq = open.seq;
      told.beginNs = open.atNs;
      const data: OpenWriteData = {
        seq: open.seq,
        beginNs: open.atNs,
        ageMs,
        queued: consumer.queued,
        waitingLines: waitingLines(),
      };
      emit({ atNs, kind: 'write-begin', hop: 'app', app, bytes: open.bytes, data: { ...data } });
    }
    writer.flush();
  };
}
