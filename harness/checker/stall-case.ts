// What the rules of `socket-stall` are applied to, and its parameters.

import { z } from 'zod';
import type { Finding } from '../model/finding.ts';
import type { RunFacts } from '../model/run.ts';
import { createCheckerParams, durationParam } from './params.ts';
import type { StallFacts } from './stall-facts.ts';
import type { BlockedRun, WriteTimes } from './write-times.ts';

const schema = z.strictObject({
  /** The longest an app may stand in writes. */
  writeMax: durationParam.default(1_000),
  /** Share of due requests that may stay without a good answer. */
  httpFailedMaxRatio: z.number().min(0).max(1).default(0),
  /** The longest a command to the container runtime may take; where it is set, the runtime is asked during the run. */
  runtimeMax: durationParam.optional(),
});

/** Parameters of `socket-stall` as scenario files give them. */
export const stallParams = createCheckerParams('socket-stall', schema);

/** The same parsed, durations in ms. */
export type StallParams = z.output<typeof schema>;

/** One app as this checker sees it. */
export interface WatchedApp {
  times: WriteTimes;
  /** Stretches in which it stood still; empty for apps that queue their writes. */
  runs: BlockedRun[];
  /** The app hands its lines to a queue in its own memory and goes on. */
  isQueued: boolean;
  waitingLinesMax: number;
}

/** What one rule found: findings, and reasons for not being sure. */
export interface Judged {
  findings: Finding[];
  doubts: string[];
}

/** What the rules are applied to. */
export interface StallCase {
  apps: WatchedApp[];
  facts: StallFacts;
  run: RunFacts;
  params: StallParams;
}

/** Whether the app is driven by requests. */
export function isHttp({ requests }: WriteTimes): boolean {
  return requests.answered + requests.failed + requests.notSent > 0;
}
