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
import type { ClientPorts, FluentdClient, WriteOutcome } from './fluentd-client.ts';
import type { DropReason, OutMessage } from './log-message.ts';
import { CHUNK_ID_BYTES } from './message.ts';
import { createChannel, createLogCalls, type MessageInbox } from './message-inbox.ts';
import { createMessageLink, type MessageLink } from './message-link.ts';

/** Messages sent before other streams get their turn. */
const MESSAGES_PER_TURN = 256;
const NS_PER_MS = 1e6;
const UNABLE_TO_SEND = 'Unable to send logs to fluentd, reconnecting...';
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
  readonly #isAsync: boolean;
  readonly #inbox: MessageInbox;
  readonly #acks = createAckReader();
  #current: OutMessage | null = null;
  readonly #link: MessageLink;
  #phase: 'idle' | 'writing' | 'acking' = 'idle';
  #starting = false;
  #closing = false;
  #pumping = false;
  /** The agent has closed its side while nothing was awaited: found at the next answer. */
  #peerEnded = false;
  #ackSinceNs = 0;
  #failedWrites = 0;

  constructor(ports: ClientPorts) {
    this.#ports = ports;
    this.#link = createMessageLink(ports);
    this.#isAsync = ports.settings.async;
    this.#inbox = this.#isAsync ? createChannel() : createLogCalls();
  }

  get state(): FluentdClient['state'] {
    if (this.closed) return 'closed';
    if (this.#phase !== 'idle') return 'sending';
    return this.#link.state === 'dialing' || this.#link.state === 'backoff' ? 'reconnecting' : 'idle';
  }

  get queued(): number {
    return this.#isAsync ? this.#inbox.length - (this.#current ? 1 : 0) : 0;
  }

  start(): void {
    if (this.#isAsync) {
      this.#ports.onStarted(null);
      return;
    }
    this.#starting = true;
    this.#link.dial();
  }

  log(message: OutMessage): boolean {
    if (!this.#isAsync) return this.#logInline(message);
    const { bufferLimit } = this.#ports.settings;
    if (this.#closing) {
      this.#ports.onDropped(message, 'closed', 'fluent#appendBuffer: Logger already closed');
    } else if (this.queued >= bufferLimit) {
      this.#ports.onDropped(message, 'queue-full', `fluent#appendBuffer: Buffer full, limit ${bufferLimit}`);
    } else {
      this.#inbox.add(message);
      this.#pump();
    }
    return true;
  }

  #logInline(message: OutMessage): boolean {
    if (this.closed) {
      this.#ports.onDropped(message, 'closed', 'fluent#postRawData: Logger already closed');
      return true;
    }
    this.#inbox.add(message);
    this.#pump();
    message.blocks = this.#inbox.holds(message);
    return !message.blocks;
  }

  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    for (let left = MESSAGES_PER_TURN; this.#phase === 'idle' && this.#take(); left--) {
      // `fluentd-async-reconnect-interval` is looked at between messages only.
      if (this.#isAsync && this.#link.state === 'up' && this.#link.isOld) this.#link.hangUp();
      if (this.#link.state !== 'up') {
        if (this.#link.state === 'none') this.#dial();
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
    this.#current = this.#inbox.first();
    this.#failedWrites = 0;
    return this.#current !== null;
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
    const { clock, peer, settings } = this.#ports;
    this.#phase = 'acking';
    this.#ackSinceNs = clock.nowNs();
    this.writingSinceNs ||= this.#ackSinceNs;
    if (this.#peerEnded) this.#lostConnection();
    else if (settings.readTimeoutMs > 0) peer.wakeAfter(settings.readTimeoutMs);
  }

  /** The driver is done with the current message: `lost` says why it was given up, null that it was sent. */
  #settle(lost: { reason: DropReason; text: string } | null): void {
    const message = this.#current!;
    this.#current = null;
    this.#phase = 'idle';
    this.writingSinceNs = 0;
    // `Log()` has returned long ago in async mode: the goroutine prints, and nobody is told of the message.
    if (lost) this.#ports.onDropped(message, lost.reason, this.#isAsync ? UNABLE_TO_SEND : lost.text);
    else this.#ports.onSent(message);
    this.#inbox.shift();
    if (message.blocks) {
      message.blocks = false;
      this.#ports.onReturn(message.stream);
    }
    if (this.#closing) this.#finishClosing();
  }

  #lostConnection(): void {
    this.#link.hangUp();
    this.#phase = 'idle';
    this.writingSinceNs = 0;
    this.#failedWrites++;
    const { maxRetries } = this.#ports.settings;
    if (this.#closing && this.#isAsync) {
      this.#finishClosing();
      return;
    }
    if (this.#failedWrites < maxRetries) return;
    this.#settle({ reason: 'max-retries', text: `fluent#write: failed to write after ${maxRetries} attempts` });
  }

  #dial(isAgain = false): void {
    this.#peerEnded = false;
    this.#acks.reset();
    if (isAgain) this.#link.dialAgain();
    else this.#link.dial();
  }

  connected(): void {
    this.#link.opened();
    this.#answerStart(null);
    this.#pump();
  }

  dialFailed(text: string): void {
    if (this.#starting) {
      this.#link.hangUp();
      this.#answerStart(text);
      return;
    }
    if (!this.#link.failed()) return;
    const why = `fluent#write: could not connect to fluentd after ${this.#ports.settings.maxRetries} retries`;
    if (this.#current) this.#settle({ reason: 'max-retries', text: why });
    this.#pump();
  }

  #answerStart(error: string | null): void {
    if (!this.#starting) return;
    this.#starting = false;
    this.#ports.onStarted(error);
  }

  woke(): void {
    const { writeTimeoutMs, readTimeoutMs } = this.#ports.settings;
    if (this.#phase === 'writing') this.#checkTimeout(writeTimeoutMs, this.writingSinceNs);
    else if (this.#phase === 'acking') this.#checkTimeout(readTimeoutMs, this.#ackSinceNs);
    else if (this.#link.state === 'backoff') this.#dial(true);
    else this.#pump();
  }

  /** A write or an answer that is not there in time: the message goes again over a new connection. */
  #checkTimeout(timeoutMs: number, sinceNs: number): void {
    if (timeoutMs === 0) return;
    const { clock, peer } = this.#ports;
    const leftMs = timeoutMs - (clock.nowNs() - sinceNs) / NS_PER_MS;
    // The alarm of an earlier one, or one that rings a little early.
    if (leftMs > 0) {
      peer.wakeAfter(leftMs);
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
    if (!this.#isAsync && this.#inbox.length > 0) return;
    this.#current = null;
    this.#inbox.visitAll((message) => this.#ports.onDropped(message, 'closed', 'Discarding queued events...'));
    this.#inbox.clear();
    this.#link.hangUp();
    this.closed = true;
  }

  abandon(): void {
    this.#closing = true;
    this.#inbox.clear();
    this.#phase = 'idle';
    this.#finishClosing();
  }

  visitHeld(visit: Parameters<FluentdClient['visitHeld']>[0]): void {
    const behind = this.#isAsync ? QUEUED : COPYING;
    let place = this.#current ? SENDING : behind;
    this.#inbox.visitAll((message) => {
      visit(message, place);
      place = behind;
    });
  }
}
