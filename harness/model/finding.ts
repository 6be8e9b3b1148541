// What a checker says: a verdict with numbers, and findings that a tired engineer can act on.

import type { EventRef, HopRange } from './event.ts';
import type { Verdict } from './verdict.ts';

/** How bad a finding is. */
export type Severity = 'critical' | 'major' | 'minor';

/** One thing that went wrong. Times are ms since load start. Keys of `numbers` end in their unit. */
export interface Finding {
  checker: string;
  class: string;
  hop: HopRange;
  severity: Severity;
  /** One sentence that stands by itself. */
  title: string;
  fromMs: number;
  toMs: number;
  numbers: Record<string, number>;
  evidence: EventRef[];
  /** The config key to change and how, where it is known. */
  remedy: {
    key: string;
    text: string;
    /** The change as lines of daemon.json or of a compose file, where the driver was taken from one. */
    paste?: string;
  } | null;
}

/** A checker's answer. */
export interface CheckResult {
  verdict: Verdict;
  numbers: Record<string, number>;
  /** Why the verdict is not `valid`, one sentence each. */
  reasons: string[];
  findings: Finding[];
}
