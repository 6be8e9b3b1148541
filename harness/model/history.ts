// The history of a run as checkers read it: an async stream of events in order of time. Built-in checkers that
// must judge millions of lines use the two faster views: control events only, and records without objects.

import type { Event } from './event.ts';
import type { LineKind, LineRecord } from './line-record.ts';

/** A recorded history. Iterating it gives every event, control and per line, in order of time. */
export interface History extends AsyncIterable<Event> {
  /** Control events only (history.jsonl), in order of n. */
  control(): AsyncIterable<Event>;
  /** Names of the apps that have a lines file. */
  apps(): string[];
  /**
   * Calls `visit` for each record of an app in file order; with `kinds` only for those. The record object is reused: copy
   * what you keep.
   */
  lines(app: string, visit: (record: LineRecord) => void, kinds?: readonly LineKind[]): Promise<void>;
  /** How many records the app's file holds: tells how much room to make. */
  recordCount?(app: string): number;
  /** What is missing or torn in the files, one sentence each; empty when whole. Valid after a full pass. */
  holes(): string[];
}
