// The ring of `mode=non-blocking`: a queue between copier and driver that counts the bytes of the lines alone. When
// it is full the newest message is dropped without a word; an empty one takes any message, however large. One
// goroutine hands the oldest to the driver and waits there; a message in its hands no longer counts.

import { HELD_IN } from '../model/line-record.ts';
import { createOutMessage, type LogTarget, type MessageMeta, type OutMessage } from './log-message.ts';
import { createMessageQueue } from './message-queue.ts';

const IN_RING = HELD_IN.indexOf('ring');

/** A ring in front of a driver. */
export interface Ring extends LogTarget<OutMessage> {
  /** The driver returned from the message it had blocked on. */
  returned(): void;
  /** Messages waiting, without the one that the driver has. */
  readonly queued: number;
  /** Calls `visit` for each waiting message. */
  visitHeld(visit: (message: MessageMeta, place: number) => void): void;
}

/** What a ring needs. */
export interface RingPorts {
  /** `max-buffer-size`. */
  maxBytes: number;
  driver: LogTarget<OutMessage>;
  onDropped(message: MessageMeta): void;
}

/** An empty ring. */
export function createRing({ maxBytes, driver, onDropped }: RingPorts): Ring {
  const queue = createMessageQueue();
  const head = createOutMessage(0);
  let busy = false;

  const pump = (): void => {
    while (!busy && queue.first(head)) {
      busy = !driver.log(head);
      if (!busy) queue.shift();
    }
  };
  const queued = (): number => queue.length - (busy ? 1 : 0);

  return {
    log(message) {
      const queuedBytes = queue.lineBytes - (busy ? head.lineBytes : 0);
      if (queued() > 0 && queuedBytes + message.lineBytes > maxBytes) onDropped(message);
      else {
        queue.push(message);
        pump();
      }
      return true;
    },
    returned() {
      queue.shift();
      busy = false;
      pump();
    },
    get queued() {
      return queued();
    },
    visitHeld(visit) {
      let inDriver = busy;
      queue.visitAll((message) => {
        if (!inDriver) visit(message, IN_RING);
        inDriver = false;
      });
    },
  };
}
