// What travels from the line copier to a driver. The objects are few and reused: one per stream and one per
// queue, never one per line; only a line longer than 16 KiB gets an object of its own.

import { DROP_REASONS } from '../model/line-record.ts';

/** Why a driver dropped a line (model/line-record.ts has the list). */
export type DropReason = (typeof DROP_REASONS)[number];

/** stdout and stderr are pipelines of their own, told apart by number. */
export const STREAMS = ['stdout', 'stderr'] as const;

/** A line of more than 16 KiB, shared by the pieces it is cut into. */
export interface LongLine {
  /** 64 hex digits, the same in all pieces. */
  id: string;
  /** When its first piece was read; all pieces carry it. */
  seconds: number;
  nanoseconds: number;
  /** Number of the newest piece, from 1. */
  ordinal: number;
  /** Bytes of all pieces so far. */
  bytes: number;
  /** The line's own number from the id found in any piece, -1 while none was. */
  seq: number;
  /** Pieces that are neither sent nor dropped yet. */
  open: number;
  /** Whether its last piece has been made. */
  ended: boolean;
  /** Why a piece of it was lost, null while none was. */
  lost: DropReason | null;
  /** Whether it has been counted where it was held at the stop. */
  held: boolean;
}

/** What is known of a message beside its bytes. */
export interface MessageMeta {
  /** Index in STREAMS. */
  stream: number;
  /** The line's number in its app from the id in it, -1: it carries none of this app. */
  seq: number;
  /** Bytes of this line or piece, without newline. */
  lineBytes: number;
  /** The long line that this is a piece of, or null. */
  line: LongLine | null;
  /** Ids of app lines found in it. */
  ids: number;
  /** Longest run of backslashes in it; counted for the agent's own output only. */
  backslashRun: number;
}

/** A line or piece as the line copier hands it over; valid during the call only. */
export interface LineMessage extends MessageMeta {
  bytes: Buffer;
  start: number;
  end: number;
  seconds: number;
  nanoseconds: number;
  /** Of pieces: their number from 1, and whether the line ends with this one. */
  ordinal: number;
  last: boolean;
}

/** A message in its wire form. */
export interface OutMessage extends MessageMeta {
  /** Exactly the message; untouched until the driver has returned from it. */
  bytes: Buffer;
  /** true: its stream waits for the driver to return from it. */
  blocks: boolean;
}

/** What takes messages: Docker's `Log()`. */
export interface LogTarget<Message> {
  /** true: returned (the message was sent, queued or dropped). false: it blocks until `onReturn` of its stream. */
  log(message: Message): boolean;
}

const NO_BYTES = Buffer.alloc(0);

/** A message to fill and reuse. */
export function createOutMessage(stream: number): OutMessage {
  return { stream, seq: -1, lineBytes: 0, line: null, ids: 0, backslashRun: 0, bytes: NO_BYTES, blocks: false };
}

/** A message to fill and reuse. */
export function createLineMessage(stream: number): LineMessage {
  return {
    ...{ stream, seq: -1, lineBytes: 0, line: null, ids: 0, backslashRun: 0, bytes: NO_BYTES, start: 0, end: 0 },
    ...{ seconds: 0, nanoseconds: 0, ordinal: 0, last: false },
  };
}

/** Copies what is known of a message. */
export function copyMeta(from: MessageMeta, to: MessageMeta): void {
  to.stream = from.stream;
  to.seq = from.seq;
  to.lineBytes = from.lineBytes;
  to.line = from.line;
  to.ids = from.ids;
  to.backslashRun = from.backslashRun;
}

/** Number of a drop reason in line records. */
export function dropReasonIndex(reason: DropReason): number {
  return DROP_REASONS.indexOf(reason);
}
