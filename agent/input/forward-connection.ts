// One connection of the Forward input: from the bytes of a read to complete messages, whatever the cuts between reads.
//
//   arena  │      carry│read ─────────►│     the usual case: the carried start of a message is put before the read
//   own    │pending ──────────►            a message longer than the headroom is gathered in memory of its own

import { takeValue } from '../codec/forward-modes.ts';
import type { ForwardScanner } from '../codec/forward-scanner.ts';
import { INCOMPLETE, INVALID, OTHER, TOO_LARGE, ValueSkipper } from '../codec/msgpack.ts';
import type { Keeper, RecordSink } from '../model.ts';
import type { Clock, Connection, ConnectionHandler, Timer } from '../ports.ts';
import { type Handshake, PING_BYTES_MAX } from './forward-handshake.ts';

/** Why a connection was closed by the input. */
export type CloseReason = 'undecodable' | 'compression' | 'handshake' | 'too-large' | 'unread-acks' | 'memory';

/** What all connections of an input share. */
export interface ForwardShared {
  scanner: ForwardScanner;
  sink: RecordSink;
  /** Acks wait for it. */
  keeper: Keeper;
  /** The arena: reads begin at `readStart`, in front of it is room for `headroom` bytes. */
  arena: Uint8Array;
  readStart: number;
  headroom: number;
  messageMax: number;
  decompressedMax: number;
  /** Bound on the memory of unfinished messages of all connections, in bytes. */
  pendingMax: number;
  /** Memory of unfinished messages of all connections at present. */
  pendingBytes: number;
  /** A handshake for a new connection, where who connects has to prove something. */
  createHandshake: (() => Handshake) | undefined;
  /** Those that are open. */
  connections: Set<ForwardConnection>;
  clock: Clock;
  count(what: 'malformed' | 'ignored' | 'acks' | 'truncatedMessages' | 'bytesRead', by: number): void;
  closed(connection: Connection, reason: CloseReason | undefined): void;
}

/** Acks that the peer does not read are kept up to this size; then the connection is closed. */
const UNREAD_ACKS_MAX = 1_048_576;
/** Time to prove who one is. */
const HANDSHAKE_MS = 10_000;
const NOTHING = new Uint8Array(0);
const ACK_HEAD = Uint8Array.of(0x81, 0xa3, 0x61, 0x63, 0x6b);

/** See the file's comment. */
export class ForwardConnection implements ConnectionHandler {
  private readonly shared: ForwardShared;
  private readonly connection: Connection;
  /** The unfinished message, in memory that grows with it. */
  private pending = new Uint8Array(0);
  private pendingLength = 0;
  private skipper: ValueSkipper | undefined;
  private acks: Uint8Array[] = [];
  private open = true;

  private handshake: Handshake | undefined;
  private handshakeTimer: Timer | undefined;

  constructor(connection: Connection, shared: ForwardShared) {
    this.connection = connection;
    this.shared = shared;
    shared.connections.add(this);
    this.handshake = shared.createHandshake?.();
    if (this.handshake === undefined) return;
    connection.write(this.handshake.helo);
    this.handshakeTimer = shared.clock.setTimer(() => this.close('handshake'), HANDSHAKE_MS);
  }

  onRead(length: number): void {
    const { shared } = this;
    if (!this.open) return;
    shared.count('bytesRead', length);
    const start = shared.readStart;
    if (this.pendingLength > shared.headroom) this.continuePending(start, start + length);
    else if (this.pendingLength > 0) {
      shared.arena.set(this.pending.subarray(0, this.pendingLength), start - this.pendingLength);
      this.work(shared.arena, start - this.pendingLength, start + length);
    } else this.work(shared.arena, start, start + length);
    if (this.open && this.acks.length > 0) this.sendAcks();
  }

  onClose(): void {
    if (this.pendingLength > 0) this.shared.count('truncatedMessages', 1);
    this.drop(undefined);
  }

  /** Works through all complete messages in `[start, end)` and keeps the rest. */
  private work(bytes: Uint8Array, start: number, end: number): void {
    const { scanner, sink } = this.shared;
    scanner.bind(bytes);
    let position = start;
    let next = 0;
    while (position < end) {
      if (this.handshake !== undefined) {
        next = this.takePing(this.handshake, position, end);
        if (next <= 0) break;
        position = next;
        continue;
      }
      next = scanner.scan(position, end);
      if (next > 0) {
        sink.take(scanner);
        if (scanner.chunkStart >= 0) this.addAck();
      } else {
        if (next === OTHER) next = this.takeOther(position, end);
        if (next <= 0) break;
      }
      position = next;
    }
    if (!this.open) return;
    if (position >= end) this.keep(bytes, end, end);
    else if (next === INCOMPLETE) this.keep(bytes, position, end);
    else this.close(next === TOO_LARGE ? 'too-large' : 'undecodable');
  }

  /** Takes the one message that is allowed before the handshake is done; returns its end or a code. */
  private takePing(handshake: Handshake, start: number, end: number): number {
    const { scanner } = this.shared;
    const after = scanner.skip(start, end);
    if (after === INCOMPLETE) return end - start > PING_BYTES_MAX ? TOO_LARGE : INCOMPLETE;
    const { ok, pong } = handshake.answer(after > 0 ? scanner.bytes.slice(start, after) : NOTHING);
    this.connection.write(pong);
    if (!ok) {
      this.close('handshake');
      return INVALID;
    }
    this.handshake = undefined;
    this.handshakeTimer?.cancel();
    return after;
  }

  /** Takes a complete value that is no Message; returns its end or a code. */
  private takeOther(start: number, end: number): number {
    const { shared } = this;
    const { scanner } = shared;
    const after = scanner.skip(start, end);
    if (after <= 0) return after;
    const result = takeValue(scanner, start, after, shared);
    if (result.ignored) shared.count('ignored', 1);
    if (result.malformed > 0) shared.count('malformed', result.malformed);
    if (result.unsupported) {
      this.close('compression');
      return INVALID;
    }
    if (result.broken) return INVALID;
    if (scanner.chunkStart >= 0) this.addAck();
    return after;
  }

  private keep(bytes: Uint8Array, start: number, end: number): void {
    const length = end - start;
    if (length > this.shared.messageMax) {
      this.close('too-large');
      return;
    }
    if (length === 0 && this.pendingLength === 0) return;
    this.skipper = undefined;
    if (bytes === this.pending) bytes.copyWithin(0, start, end);
    else {
      this.reserve(length);
      if (!this.open) return;
      this.pending.set(bytes.subarray(start, end));
    }
    this.pendingLength = length;
    // What a long message took is given back; a small carry is kept, since the next read will need it again.
    if (length === 0 && this.pending.length > this.shared.headroom) this.resize(0);
  }

  private continuePending(start: number, end: number): void {
    const { arena, messageMax, scanner } = this.shared;
    const length = this.pendingLength + end - start;
    this.reserve(length);
    if (!this.open) return;
    this.pending.set(arena.subarray(start, end), this.pendingLength);
    this.pendingLength = length;
    if (this.skipper === undefined) {
      this.skipper = new ValueSkipper(messageMax);
      this.skipper.reset(0);
    }
    scanner.bind(this.pending);
    const after = this.skipper.next(this.pending, scanner.view, length);
    if (after > 0) this.work(this.pending, 0, length);
    else if (after === INCOMPLETE && length <= messageMax) return;
    else this.close(after === INCOMPLETE || after === TOO_LARGE ? 'too-large' : 'undecodable');
  }

  private reserve(length: number): void {
    if (length <= this.pending.length) return;
    this.resize(Math.max(1024, 2 ** Math.ceil(Math.log2(length))));
    if (this.shared.pendingBytes > this.shared.pendingMax) this.largest().close('memory');
  }

  /** Who holds most of the memory goes, not who asks for the last byte of it: that may be an honest sender. */
  private largest(): ForwardConnection {
    let most: ForwardConnection = this;
    for (const one of this.shared.connections) if (one.pending.length > most.pending.length) most = one;
    return most;
  }

  private resize(size: number): void {
    const memory = new Uint8Array(size);
    memory.set(this.pending.subarray(0, Math.min(size, this.pendingLength)));
    this.shared.pendingBytes += size - this.pending.length;
    this.pending = memory;
  }

  private addAck(): void {
    const { scanner } = this.shared;
    this.acks.push(ACK_HEAD, scanner.bytes.slice(scanner.chunkStart, scanner.chunkEnd));
    this.shared.count('acks', 1);
  }

  private sendAcks(): void {
    const bytes = Buffer.concat(this.acks);
    this.acks = [];
    this.shared.keeper.whenBuffered(() => {
      if (!this.open) return;
      this.connection.write(bytes);
      if (this.connection.unsentBytes > UNREAD_ACKS_MAX) this.close('unread-acks');
    });
  }

  private close(reason: CloseReason): void {
    if (!this.open) return;
    // Records before the bad bytes are taken: their sender is told so as soon as they are kept.
    const bytes = Buffer.concat(this.acks);
    this.acks = [];
    this.drop(reason);
    if (bytes.length === 0) this.connection.close();
    else
      this.shared.keeper.whenBuffered(() => {
        this.connection.write(bytes);
        this.connection.close();
      });
  }

  private drop(reason: CloseReason | undefined): void {
    if (!this.open) return;
    this.open = false;
    this.shared.connections.delete(this);
    this.handshakeTimer?.cancel();
    this.pendingLength = 0;
    this.resize(0);
    this.shared.closed(this.connection, reason);
  }
}
