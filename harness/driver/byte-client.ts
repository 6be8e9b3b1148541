// The fluentd client of Docker 18.09 and before. Messages go through a pending buffer of so many *bytes*; each
// `Log()` appends to it and writes the whole buffer under a lock. A peer that is away does not block: the buffer
// fills, then messages are dropped. A peer that is connected and does not read blocks `Log()` in its write, and every
// other stream of the container at the lock. `fluentd-async-connect` makes only the first dial asynchronous.
//
// After a failed write nothing dials before the next message comes, and the buffer is kept and sent again whole:
// what the old connection had taken of it arrives twice.

import { HELD_IN } from '../model/line-record.ts';
import { backoffMs } from './backoff.ts';
import type { ClientPorts, FluentdClient } from './fluentd-client.ts';
import type { OutMessage } from './log-message.ts';
import { createMessageTable } from './message-table.ts';

const FIRST_BUFFER_BYTES = 65_536;
const SENDING = HELD_IN.indexOf('sending');
const QUEUED = HELD_IN.indexOf('queue');
const COPYING = HELD_IN.indexOf('copier');

/** A client that has not started. */
export function createByteClient(ports: ClientPorts): FluentdClient {
  return new ByteClient(ports);
}

class ByteClient implements FluentdClient {
  closed = false;
  writingSinceNs = 0;
  readonly #ports: ClientPorts;
  readonly #table = createMessageTable();
  /** Messages whose `Log()` waits for the lock that the open write holds. */
  readonly #waiting: OutMessage[] = [];
  #pending = Buffer.allocUnsafe(FIRST_BUFFER_BYTES);
  #used = 0;
  #link: 'none' | 'reconnecting' | 'up' = 'none';
  #writing = false;
  /** The message whose `Log()` does the open write; null when the reconnecting goroutine does. */
  #caller: OutMessage | null = null;
  #starting = false;
  #closing = false;
  #dead = false;
  #failedDials = 0;

  constructor(ports: ClientPorts) {
    this.#ports = ports;
  }

  get state(): FluentdClient['state'] {
    if (this.closed || this.#dead) return 'closed';
    if (this.#writing) return 'sending';
    return this.#link === 'reconnecting' ? 'reconnecting' : 'idle';
  }

  get queued(): number {
    return this.#writing ? 0 : this.#table.length;
  }

  start(): void {
    if (this.#ports.settings.async) {
      this.#ports.onStarted(null);
      this.#reconnect();
      return;
    }
    this.#starting = true;
    this.#ports.peer.dial();
  }

  log(message: OutMessage): boolean {
    if (this.#writing) {
      message.blocks = true;
      this.#waiting.push(message);
      return false;
    }
    return this.#append(message);
  }

  /** appendBuffer() and send(); false: blocked in the write. */
  #append(message: OutMessage): boolean {
    const { onDropped, settings } = this.#ports;
    if (this.closed || this.#dead) {
      const reason = this.#dead ? 'max-retries' : 'closed';
      onDropped(message, reason, this.#dead ? PANIC : 'fluent#send: client is closed');
      return true;
    }
    if (this.#used + message.bytes.length > settings.bufferLimit) {
      onDropped(message, 'queue-full', `fluent#appendBuffer: Buffer full, limit ${settings.bufferLimit}`);
      return true;
    }
    this.#keep(message);
    if (this.#link === 'none') this.#reconnect();
    // The daemon logs `fluent#send: can't send logs, client is reconnecting`, but the message stays in the buffer.
    if (this.#link !== 'up') return true;
    this.#send();
    if (!this.#writing) return true;
    this.#caller = message;
    message.blocks = true;
    return false;
  }

  #keep(message: OutMessage): void {
    const { length } = message.bytes;
    if (this.#used + length > this.#pending.length) {
      const larger = Buffer.allocUnsafe(2 ** Math.ceil(Math.log2(this.#used + length)));
      this.#pending.copy(larger, 0, 0, this.#used);
      this.#pending = larger;
    }
    message.bytes.copy(this.#pending, this.#used);
    this.#table.push(message, { position: this.#used, length });
    this.#used += length;
  }

  #send(): void {
    const outcome = this.#ports.peer.write(this.#pending.subarray(0, this.#used));
    if (outcome === 'taken') {
      this.#sent();
      return;
    }
    if (outcome === 'pending') {
      this.#writing = true;
      this.writingSinceNs = this.#ports.clock.nowNs();
    } else this.#lostConnection();
  }

  #sent(): void {
    this.#table.visitAll(this.#ports.onSent);
    this.#table.clear();
    this.#used = 0;
  }

  #lostConnection(): void {
    this.#ports.peer.hangUp();
    this.#link = 'none';
  }

  written(): void {
    this.#sent();
    this.#unlock();
  }

  broken(_text: string): void {
    if (!this.#writing) return;
    this.#lostConnection();
    this.#unlock();
  }

  /** The open write has ended: who waits for the lock gets it, then the one that wrote goes on. */
  #unlock(): void {
    this.#writing = false;
    this.writingSinceNs = 0;
    const caller = this.#caller;
    this.#caller = null;
    while (this.#waiting.length > 0 && !this.#writing) {
      const next = this.#waiting.shift()!;
      if (this.#append(next)) this.#return(next);
    }
    if (caller) this.#return(caller);
    if (this.#closing && !this.#writing) this.close();
  }

  #return(message: OutMessage): void {
    message.blocks = false;
    this.#ports.onReturn(message.stream);
  }

  #reconnect(): void {
    this.#link = 'reconnecting';
    this.#failedDials = 0;
    this.#ports.peer.dial();
  }

  connected(): void {
    this.#link = 'up';
    if (this.#starting) {
      this.#starting = false;
      this.#ports.onStarted(null);
      return;
    }
    if (this.#used > 0) this.#send();
  }

  dialFailed(text: string): void {
    if (this.#starting) {
      this.#starting = false;
      this.#ports.onStarted(text);
      return;
    }
    const { maxRetries, retryWaitMs, generation } = this.#ports.settings;
    if (this.#failedDials === maxRetries) {
      this.#panic();
      return;
    }
    const waitMs = backoffMs(this.#failedDials++, { retryWaitMs, capMs: generation.backoffCapMs });
    this.#ports.peer.wakeAfter(waitMs);
  }

  /** The library panics and takes the daemon with it; here the logger alone is gone, and loses what it holds. */
  #panic(): void {
    this.#dead = true;
    this.#table.visitAll((message) => this.#ports.onDropped(message, 'max-retries', PANIC));
    this.#table.clear();
    this.#used = 0;
  }

  woke(): void {
    if (this.#link === 'reconnecting') this.#ports.peer.dial();
  }

  received(): void {
    // This generation knows no acknowledgements and never reads.
  }

  /** Waits for an open write without bound; what is pending without a connection stays behind. */
  close(): void {
    this.#closing = true;
    if (this.#writing) return;
    this.#ports.peer.hangUp();
    this.closed = true;
  }

  abandon(): void {
    this.#table.clear();
    this.#waiting.length = 0;
    this.#writing = false;
    this.#used = 0;
    this.close();
  }

  visitHeld(visit: Parameters<FluentdClient['visitHeld']>[0]): void {
    this.#table.visitAll((message) => visit(message, this.#writing ? SENDING : QUEUED));
    for (const message of this.#waiting) visit(message, COPYING);
  }
}

const PANIC = 'fluent#reconnect: failed to reconnect!';
