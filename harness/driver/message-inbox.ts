// What the message client has been given and not sent yet. Async: Docker's channel, a queue of its own in memory.
// Sync: the `Log()` calls themselves, each a copier (or the ring's goroutine) that waits inside.

import { createOutMessage, type MessageMeta, type OutMessage } from './log-message.ts';
import { createMessageQueue } from './message-queue.ts';

/** Messages in the order in which they are written. */
export interface MessageInbox {
  readonly length: number;
  add(message: OutMessage): void;
  /** The oldest, null: none. It stays what it is until `shift`. */
  first(): OutMessage | null;
  shift(): void;
  holds(message: OutMessage): boolean;
  visitAll(visit: (message: MessageMeta) => void): void;
  clear(): void;
}

/** The channel of async mode: messages are copied in. */
export function createChannel(): MessageInbox {
  const queue = createMessageQueue();
  const head = createOutMessage(0);
  return {
    get length() {
      return queue.length;
    },
    add: (message) => queue.push(message),
    first: () => (queue.first(head) ? head : null),
    shift: () => queue.shift(),
    holds: () => false,
    visitAll: (visit) => queue.visitAll(visit),
    clear: () => queue.clear(),
  };
}

/** The waiting `Log()` calls of sync mode. */
export function createLogCalls(): MessageInbox {
  const waiting: OutMessage[] = [];
  return {
    get length() {
      return waiting.length;
    },
    add: (message) => waiting.push(message),
    first: () => waiting[0] ?? null,
    shift: () => waiting.shift(),
    holds: (message) => waiting.includes(message),
    visitAll(visit) {
      for (const message of waiting) visit(message);
    },
    clear() {
      waiting.length = 0;
    },
  };
}
