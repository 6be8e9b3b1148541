// What `larsen compare` says (comparison.json): several agents in the same scenarios, repeat by repeat, with each
// difference either shown or honestly not.

import type { Verdict } from './verdict.ts';

/** How a measure is written out. */
export type MeasureUnit = 'share' | 'ms' | 'seconds' | 'bytes' | 'ratio';

/** What is compared; less is better in each. */
export interface Measure {
  id: string;
  label: string;
  group: 'loss' | 'stall' | 'loop' | 'cost';
  unit: MeasureUnit;
  /** A shift below this is too small to be named, in its unit; `ofMedian`: as a share of the smaller median. */
  floor: { absolute: number; ofMedian: number };
  /** What it is, one sentence. */
  meaning: string;
}

/** One agent's values of one measure in one scenario. */
export interface MeasureSummary {
  measure: string;
  /** One value for each judged run that measured it, in order of repeats. */
  values: number[];
  median: number | null;
  low: number | null;
  high: number | null;
  /** Probability that `low` to `high` holds the true median. */
  coverage: number | null;
}

/** One agent in one scenario. */
export interface ComparisonCell {
  agent: string;
  /** How many runs ended with which verdict; unknown runs are measured in nothing. */
  verdicts: Record<Verdict, number>;
  /** In how many runs each finding (`checker/class`) came up. */
  findings: Record<string, number>;
  /** Run folders, relative to the folder of comparison.json, in order of repeats. */
  folders: string[];
  measures: MeasureSummary[];
}

/** `a`, `b`: this one has less of it. `same`: equal in every run. `not-shown`: no difference shown. `too-few`: repeats could not have shown one. */
export type ContrastOutcome = 'a' | 'b' | 'same' | 'not-shown' | 'too-few' | 'not-measured';

/** Two agents by one measure in one scenario. */
export interface ComparisonContrast {
  measure: string;
  a: string;
  b: string;
  outcome: ContrastOutcome;
  /** Hodges–Lehmann shift `b − a` in the measure's unit. */
  shift: number | null;
  /** Cliff's delta, −1 (b is always less) to 1. */
  delta: number | null;
  /** Exact Mann–Whitney probability, and the same adjusted for the number of measures tested. */
  p: number | null;
  adjustedP: number | null;
}

/** All agents in one scenario. */
export interface ComparisonScenario {
  scenario: string;
  title: string;
  cells: ComparisonCell[];
  contrasts: ComparisonContrast[];
}

/** comparison.json. */
export interface Comparison {
  schema: 1;
  larsen: string;
  /** Of all runs together, as in result.json. */
  verdict: Verdict;
  startedAt: string;
  durationMs: number;
  seed: number;
  repeats: number;
  engine: string;
  agents: { name: string; file: string | null; driver: string; self: string }[];
  measures: Measure[];
  scenarios: ComparisonScenario[];
  /** Unified diffs of agent files and of the agents' own configs, from the first agent to each other; secrets redacted. */
  configDiffs: { from: string; to: string; what: string; diff: string }[];
}
