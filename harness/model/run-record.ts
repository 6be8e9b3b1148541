// run.json: everything about a run that is not in its history, so that the folder alone is enough to judge it again
// or to run it again elsewhere.

import type { LineWrapper } from './agent.ts';
import type { RunPlan, UsedImage } from './run.ts';

/** What a run folder's run.json holds. */
export interface RunRecord {
  schema: 1;
  larsen: string;
  startedAt: string;
  /** The resolved scenario and agent, seed, repeat and engine; secrets are redacted. */
  plan: Omit<RunPlan, 'folder'>;
  versions: Record<string, string>;
  machine: { platform: string; arch: string; cpus: number; memoryBytes: number; kernel: string };
  /** SHA-256 of the scenario and agent texts as used. */
  digests: Record<string, string>;
  /** Absolute monotonic ns; null when load never began. */
  loadStartNs: number | null;
  /** The wall clock at that moment, ms since 1970; absent in runs of before it was recorded. */
  loadStartWallMs?: number;
  loadEndMs: number;
  endMs: number;
  wrapper: LineWrapper;
  readBack: ReadBackFacts | null;
  /** What makes the run unknown whatever the checkers say, one sentence each. */
  doubts: string[];
  interrupted: boolean;
  /** Apps whose processes report their own writes. */
  selfRecordingApps: string[];
  /** Whether a recording hop stood in front of the sink. */
  recordingHop: boolean;
  /** Images of the containers (docker engine). */
  images?: UsedImage[];
}

/** The listing and the count of the sink, which must agree. */
export interface ReadBackFacts {
  listedEntries: number;
  /** null when the sink cannot count. */
  countedEntries: number | null;
  deliveries: number;
  echoes: number;
  idLessEntries: number;
  phantomSamples: string[];
  /** Bytes of the entries without an id. */
  idLessBytes?: number;
  /** Entries that hold an id of this run which none of its apps can have made. */
  foreignEntries?: number;
  foreignBytes?: number;
}
