// What the two generations of the fluentd client have in common: what they ask of the outside and what they are
// told. They hold no socket and no timer; bytes and answers come in, actions go out through the ports.

import type { DriverClock } from './clock.ts';
import type { DropReason, LogTarget, MessageMeta, OutMessage } from './log-message.ts';
import type { DriverSettings } from './options.ts';

/** What became of one write(2): taken whole, not yet (`written` or `broken` follows), or failed at once. */
export type WriteOutcome = 'taken' | 'pending' | { error: string };

/** The connection to the agent, and one alarm. */
export interface PeerPort {
  /** Where answers go; called once, before anything else. */
  tell(events: PeerEvents): void;
  /** Dials; `connected` or `dialFailed` follows, never during the call. */
  dial(): void;
  /** One write(2) of exactly these bytes; never called while one is pending. They stay untouched until it ended. */
  write(bytes: Buffer): WriteOutcome;
  /** Closes the connection or gives up dialling; nothing follows. */
  hangUp(): void;
  /** Calls `woke` after so many ms (0: soon, not during the call). Replaces an alarm that is set. */
  wakeAfter(delayMs: number): void;
}

/** What the client is told. */
export interface PeerEvents {
  connected(): void;
  /** `text` is Docker's, such as `dial unix /x.sock: connect: no such file or directory`. */
  dialFailed(text: string): void;
  /** The pending write was taken whole. */
  written(): void;
  /** The pending write failed, or the connection while an answer was awaited. */
  broken(text: string): void;
  /** Bytes from the agent; read only where acks are awaited. */
  received(bytes: Buffer): void;
  woke(): void;
}

/** What a client needs. */
export interface ClientPorts {
  peer: PeerPort;
  clock: DriverClock;
  settings: DriverSettings;
  /** null: the container may start. Otherwise Docker's error. */
  onStarted(error: string | null): void;
  onSent(message: MessageMeta): void;
  onDropped(message: MessageMeta, reason: DropReason, text: string): void;
  /** The driver returned from a message it had blocked on. */
  onReturn(stream: number): void;
}

/** A fluentd client of either generation. */
export interface FluentdClient extends LogTarget<OutMessage>, PeerEvents {
  /** Dials where that generation dials when the container starts; `onStarted` tells the end of it. */
  start(): void;
  /** The container has stopped: what the library's Close() does. It may wait without bound; see `closed`. */
  close(): void;
  readonly closed: boolean;
  /** The daemon is gone: forgets everything inside and hangs up. No stream is returned to, nothing is told. */
  abandon(): void;
  readonly state: 'idle' | 'sending' | 'reconnecting' | 'closed';
  /** When the open write(2) began, 0: none is open. */
  readonly writingSinceNs: number;
  /** Messages in its queue, without the one that is being written. */
  readonly queued: number;
  /** Calls `visit` for each message inside; `place` is an index in HELD_IN. */
  visitHeld(visit: (message: MessageMeta, place: number) => void): void;
}
