// The fluentd client of Docker 19.03 and later ("20.10", "28"). Sync: `Log()` writes by itself, and on a failed write
// dials again inside itself for as long as it takes, so its stream blocks. Async: a channel of so many *messages*,
// full means dropped, and one goroutine that does the same. Each message is one write; with acks one is in flight.
//
//   sync   copier ─ log() ───────────────► write ─► (ack)      returns when written
//   async  copier ─ log() ─► channel ····► write ─► (ack)      returns at once
//
// The ones that wait in sync mode are the copiers themselves (stdout, stderr, or the ring's goroutine).

import { HELD_IN } from '../model/line-record.ts';
import { createAckReader } from './ack-reader.ts';
import { backoffMs } from './backoff.ts';
import type { ClientPorts, FluentdClient, WriteOutcome } from './fluentd-client.ts';
import { createOutMessage, type DropReason, type OutMessage } from './log-message.ts';
import { CHUNK_ID_BYTES } from './message.ts';
import { createMessageQueue } from './message-queue.ts';

/** Messages sent before other streams get their turn. */
const MESSAGES_PER_TURN = 256;
const NS_PER_MS = 1e6;
const SENDING = HELD_IN.indexOf('sending');
const QUEUED = HELD_IN.indexOf('queue');
const COPYING = HELD_IN.indexOf('copier');

/** A client that has not started. */
export function createMessageClient(ports: ClientPorts): FluentdClient {
  return new MessageClient(ports);
}

class MessageClient implements FluentdClient {
  closed = false;
  writingSinceNs = 0;
  readonly #ports: ClientPorts;
  readonly #queue;
  readonly #head = createOutMessage(0);
  readonly #waiting: OutMessage[] = [];
  readonly #acks = createAckReader();
  #current: OutMessage | null = null;
  #link: 'none' | 'dialing' | 'backoff' | 'up' = 'none';
  #phase: 'idle' | 'writing' | 'acking' = 'idle';
  #starting = false;
  #closing = false;
  #pumping = false;
  /** The agent has closed its side while nothing was awaited: found at the next answer. */
  #peerEnded = false;
  #failedDials = 0;
  #connectedAtNs = 0;
  #failedWrites = 0;

  constructor(ports: ClientPorts) {
    this.#ports = ports;
    this.#queue = ports.settings.async ? createMessageQueue() : null;
  }

  get state(): FluentdClient['state'] {
    if (this.closed) return 'closed';
    if (this.#phase !== 'idle') return 'sending';
    return this.#link === 'dialing' || this.#link === 'backoff' ? 'reconnecting' : 'idle';
  }

  get queued(): number {
    return this.#queue ? this.#queue.length - (this.#current ? 1 : 0) : 0;
  }

  start(): void {
    if (this.#queue) {
      this.#ports.onStarted(null);
      return;
    }
    this.#starting = true;
    this.#link = 'dialing';
    this.#ports.peer.dial();
  }

  log(message: OutMessage): boolean {
    if (!this.#queue) return this.#logInline(message);
    const { bufferLimit } = this.#ports.settings;
    if (this.#closing) {
      this.#ports.onDropped(message, 'closed', 'fluent#appendBuffer: Logger already closed');
    } else if (this.queued >= bufferLimit) {
      this.#ports.onDropped(message, 'queue-full', `fluent#appendBuffer: Buffer full, limit ${bufferLimit}`);
    } else {
      this.#queue.push(message);
      this.#pump();
    }
    return true;
  }

  #logInline(message: OutMessage): boolean {
    if (this.closed) {
      this.#ports.onDropped(message, 'closed', 'fluent#postRawData: Logger already closed');
      return true;
    }
    this.#waiting.push(message);
    this.#pump();
    message.blocks = this.#waiting.includes(message);
    return !message.blocks;
  }

  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    for (let left = MESSAGES_PER_TURN; this.#phase === 'idle' && this.#take(); left--) {
      if (this.#link === 'up') this.#hangUpOldConnection();
      if (this.#link !== 'up') {
        if (this.#link === 'none') this.#dialAgain();
        break;
      }
      if (left === 0) {
        this.#ports.peer.wakeAfter(0);
        break;
      }
      this.#write(this.#current!);
    }
    this.#pumping = false;
  }

  /** Makes the oldest waiting message the current one. */
  #take(): boolean {
    if (this.#current) return true;
    if (this.#queue) this.#current = this.#queue.first(this.#head) ? this.#head : null;
    else this.#current = this.#waiting[0] ?? null;
    this.#failedWrites = 0;
    return this.#current !== null;
  }

  /** `fluentd-async-reconnect-interval`, looked at between messages only. */
  #hangUpOldConnection(): void {
    const { settings, clock, peer } = this.#ports;
    if (settings.reconnectIntervalMs === 0 || !this.#queue) return;
    if (clock.nowNs() - this.#connectedAtNs < settings.reconnectIntervalMs * NS_PER_MS) return;
    peer.hangUp();
    this.#link = 'none';
  }

  #write(message: OutMessage): void {
    this.#phase = 'writing';
    const outcome: WriteOutcome = this.#ports.peer.write(message.bytes);
    if (outcome === 'taken') {
      this.#afterWrite();
      return;
    }
    if (outcome !== 'pending') {
      this.#lostConnection();
      return;
    }
    this.writingSinceNs = this.#ports.clock.nowNs();
    const { writeTimeoutMs } = this.#ports.settings;
    if (writeTimeoutMs > 0) this.#ports.peer.wakeAfter(writeTimeoutMs);
  }

  #afterWrite(): void {
    if (!this.#ports.settings.requestAck) {
      this.#settle(null);
      return;
    }
    this.#phase = 'acking';
    this.writingSinceNs ||= this.#ports.clock.nowNs();
    if (this.#peerEnded) this.#lostConnection();
  }

  /** The driver is done with the current message: `lost` says why it was given up, null that it was sent. */
  #settle(lost: { reason: DropReason; text: string } | null): void {
    const message = this.#current!;
    this.#current = null;
    this.#phase = 'idle';
    this.writingSinceNs = 0;
    if (lost) this.#ports.onDropped(message, lost.reason, lost.text);
    else this.#ports.onSent(message);
    if (this.#queue) this.#queue.shift();
    else this.#waiting.shift();
    if (message.blocks) {
      message.blocks = false;
      this.#ports.onReturn(message.stream);
    }
    if (this.#closing) this.#finishClosing();
  }

  #lostConnection(): void {
    this.#ports.peer.hangUp();
    this.#link = 'none';
    this.#phase = 'idle';
    this.writingSinceNs = 0;
    this.#failedWrites++;
    const { maxRetries } = this.#ports.settings;
    if (this.#closing) {
      this.#finishClosing();
      return;
    }
    if (this.#failedWrites < maxRetries) return;
    this.#settle({ reason: 'max-retries', text: `fluent#write: failed to write after ${maxRetries} attempts` });
  }

  #dialAgain(): void {
    this.#failedDials = 0;
    this.#dial();
  }

  #dial(): void {
    this.#link = 'dialing';
    this.#peerEnded = false;
    this.#acks.reset();
    this.#ports.peer.dial();
  }

  connected(): void {
    this.#link = 'up';
    this.#connectedAtNs = this.#ports.clock.nowNs();
    if (this.#starting) {
      this.#starting = false;
      this.#ports.onStarted(null);
    }
    this.#pump();
  }

  dialFailed(text: string): void {
    this.#link = 'none';
    if (this.#starting) {
      this.#starting = false;
      this.#ports.onStarted(text);
      return;
    }
    const { maxRetries, retryWaitMs, generation } = this.#ports.settings;
    const waitMs = backoffMs(this.#failedDials++, { retryWaitMs, capMs: generation.backoffCapMs });
    if (this.#failedDials < maxRetries) {
      this.#link = 'backoff';
      this.#ports.peer.wakeAfter(waitMs);
      return;
    }
    const why = `fluent#write: could not connect to fluentd after ${maxRetries} retries`;
    if (this.#current) this.#settle({ reason: 'max-retries', text: why });
    this.#pump();
  }

  woke(): void {
    if (this.#phase === 'writing') this.#checkTimeout();
    else if (this.#link === 'backoff') this.#dial();
    else this.#pump();
  }

  /** `fluentd-write-timeout`: the connection is given up, and the message goes again over a new one. */
  #checkTimeout(): void {
    const { settings, clock, peer } = this.#ports;
    const leftMs = settings.writeTimeoutMs - (clock.nowNs() - this.writingSinceNs) / NS_PER_MS;
    // The alarm of an earlier write, or one that rings a little early.
    if (settings.writeTimeoutMs === 0 || leftMs > 0) {
      if (settings.writeTimeoutMs > 0) peer.wakeAfter(leftMs);
      return;
    }
    this.#lostConnection();
    this.#pump();
  }

  written(): void {
    this.#afterWrite();
    this.#pump();
  }

  broken(_text: string): void {
    if (this.#phase === 'idle') {
      this.#peerEnded = true;
      return;
    }
    this.#lostConnection();
    this.#pump();
  }

  received(bytes: Buffer): void {
    if (this.#phase !== 'acking') return;
    const ack = this.#acks.push(bytes);
    if (ack === undefined) return;
    const { bytes: sent } = this.#current!;
    // A wrong answer closes the connection, and the message is sent again.
    if (ack === sent.toString('latin1', sent.length - CHUNK_ID_BYTES)) this.#settle(null);
    else this.#lostConnection();
    this.#pump();
  }

  /** Async: the queue is discarded (`ForceStopAsyncSend`), but a write that is open is waited for without bound. */
  close(): void {
    this.#closing = true;
    if (this.#phase === 'idle') this.#finishClosing();
  }

  #finishClosing(): void {
    if (!this.#queue && this.#waiting.length > 0) return;
    this.#current = null;
    this.#queue?.visitAll((message) => this.#ports.onDropped(message, 'closed', 'Discarding queued events...'));
    this.#queue?.clear();
    this.#ports.peer.hangUp();
    this.#link = 'none';
    this.closed = true;
  }

  abandon(): void {
    this.#closing = true;
    this.#queue?.clear();
    this.#waiting.length = 0;
    this.#phase = 'idle';
    this.#finishClosing();
  }

  visitHeld(visit: Parameters<FluentdClient['visitHeld']>[0]): void {
    let place = this.#current ? SENDING : QUEUED;
    this.#queue?.visitAll((message) => {
      visit(message, place);
      place = QUEUED;
    });
    for (const message of this.#waiting) visit(message, message === this.#current ? SENDING : COPYING);
  }
}
