// Encoded messages waiting in the daemon's memory (the async channel, the ring): their bytes in slabs of 1 MiB,
// what is known of them in a table. A queue that runs empty keeps one slab and starts at its front again, so in
// quiet times every message passes through the same warm memory.

import { createOutMessage, type MessageMeta, type OutMessage } from './log-message.ts';
import { createMessageTable, type Place } from './message-table.ts';

const SLAB_BYTES = 1_048_576;
const FIRST_SLAB_BYTES = 65_536;
/** A position is slab number times this, plus the offset in the slab. */
const SLAB_STRIDE = 2 ** 30;

/** A queue of encoded messages. The caller bounds it by `length` or `lineBytes`. */
export interface MessageQueue {
  readonly length: number;
  /** Sum of the lines' bytes, as the ring counts them: without tag, names and time. */
  readonly lineBytes: number;
  /** Copies the message in. */
  push(message: OutMessage): void;
  /** Fills `into` with the oldest message; false when there is none. Its bytes stay until `shift`. */
  first(into: OutMessage): boolean;
  shift(): void;
  visitAll(visit: (meta: MessageMeta) => void): void;
  clear(): void;
}

/** An empty queue. */
export function createMessageQueue(): MessageQueue {
  const table = createMessageTable();
  const slabs: Buffer[] = [Buffer.allocUnsafe(FIRST_SLAB_BYTES)];
  /** Slabs given up so far: the number of `slabs[0]`. */
  let firstSlab = 0;
  let used = 0;
  let lineBytes = 0;
  const place: Place = { position: 0, length: 0 };
  const head = createOutMessage(0);

  /** Room for `length` bytes in the last slab: a message never lies across two. */
  const reserve = (length: number): number => {
    if (used + length > slabs.at(-1)!.length) {
      slabs.push(Buffer.allocUnsafe(Math.max(SLAB_BYTES, length)));
      used = 0;
    }
    const offset = used;
    used += length;
    return offset;
  };

  const reset = (): void => {
    slabs.length = 1;
    firstSlab = 0;
    used = 0;
  };

  return {
    get length() {
      return table.length;
    },
    get lineBytes() {
      return lineBytes;
    },
    push(message) {
      const offset = reserve(message.bytes.length);
      message.bytes.copy(slabs.at(-1)!, offset);
      place.length = message.bytes.length;
      place.position = (firstSlab + slabs.length - 1) * SLAB_STRIDE + offset;
      table.push(message, place);
      lineBytes += message.lineBytes;
    },
    first(into) {
      if (!table.first(into, place)) return false;
      for (const slab = Math.floor(place.position / SLAB_STRIDE); firstSlab < slab; firstSlab++) slabs.shift();
      const offset = place.position % SLAB_STRIDE;
      into.bytes = slabs[0]!.subarray(offset, offset + place.length);
      return true;
    },
    shift() {
      if (!table.first(head, place)) return;
      lineBytes -= head.lineBytes;
      table.shift();
      if (table.length === 0) reset();
    },
    visitAll: (visit) => table.visitAll(visit),
    clear() {
      table.clear();
      lineBytes = 0;
      reset();
    },
  };
}
