// What a ledger is closed from: the history, the apps, and what stood in the world that nobody can see in records.

import type { History } from '../model/history.ts';
import type { ReadBackFacts } from '../model/run-record.ts';
import type { LedgerApp } from './judge-line.ts';

/** What closing a ledger needs. */
export interface LedgerInput {
  history: History;
  apps: LedgerApp[];
  /** `<run>` in line ids. */
  run: string;
  loadStartNs: number;
  /** What reading the sink back gave, with the sink's own count; null: it could not be read. */
  readBack: ReadBackFacts | null;
  /** The driver is a plugin's, so nobody saw lines leave it. Default false. */
  pluginDriver?: boolean;
  /** A relay stands between agent and sink. Default false. */
  relay?: boolean;
  /** A recording hop stood in front of the sink. Default true. */
  recordingHop?: boolean;
}
