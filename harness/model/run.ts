// What is fixed before a run starts, and what results hold about it (docs/reference.md, "result.json").

import type { AgentSpec } from './agent.ts';
import type { CheckResult, Finding } from './finding.ts';
import type { HopLoss, LedgerTotals } from './ledger.ts';
import type { Scenario } from './scenario.ts';
import type { Verdict } from './verdict.ts';

/** The worlds a run can happen in. */
export type EngineName = 'process' | 'docker' | 'sim' | 'swarm';

/** A run as planned: one scenario × agent × engine × seed. */
export interface RunPlan {
  scenario: Scenario;
  /** Its driver is that of its file with the scenario's `topology.driver` over it. */
  agent: AgentSpec;
  engine: EngineName;
  seed: number;
  repeat: number;
  /** `<run>` in line ids, 6 characters. */
  runName: string;
  /** Absolute path of the run folder. */
  folder: string;
}

/** What one process of a run cost under load. */
export interface PartCost {
  /** `agent`, `driver`, `sink`, `recorder`, `app`, `load`, `control`, `relay`, or `harness` for larsen itself. */
  role: string;
  name: string;
  /** CPU time, user and system. */
  cpuMs: number;
  memoryMaxBytes: number;
}

/** An image that a run used. */
export interface UsedImage {
  /** The public name that is taken unless something else is asked for. */
  name: string;
  used: string;
  /** Made by `npm run images`, so not what is published under that name. */
  madeHere: boolean;
}

/** What a checker is told about the run, beside history and ledger. Times relative to load start in ms. */
export interface RunFacts {
  plan: RunPlan;
  loadStartNs: number;
  /** The wall clock then, ms since 1970; absent in runs of before it was recorded. */
  loadStartWallMs?: number;
  loadEndMs: number;
  endMs: number;
  /** Faults as they really were. `toMs`: healed. */
  faults: { fault: string; hop: string; fromMs: number; toMs: number; bit: boolean; evidence: `history#${number}`[] }[];
  /** CRC-32 (8 hex digits) of the text of each kind of anonymous line the apps wrote. */
  anonymousCrcs: string[];
  /** Reasons found so far that make the whole run unknown. */
  doubts: string[];
  interrupted: boolean;
  lineWrapper: string;
  /** From the start of load until all was drained. */
  costs?: PartCost[];
}

/** One run in result.json. */
export interface RunResult {
  scenario: string;
  agent: string;
  engine: EngineName;
  seed: number;
  repeat: number;
  verdict: Verdict;
  /** Relative to the folder of result.json. */
  folder: string;
  /** Wall time of the whole run, from prepare to the verdict. */
  durationMs?: number;
  reasons: string[];
  checks: Record<string, Omit<CheckResult, 'findings'>>;
  findings: Finding[];
  ledger: { total: LedgerTotals; apps: Record<string, LedgerTotals>; hops: HopLoss[] };
  /** What each process cost from the start of load until all was drained. */
  costs?: PartCost[];
  /** Images of the containers (docker engine). */
  images?: UsedImage[];
}

/** result.json. */
export interface Result {
  schema: 1;
  larsen: string;
  verdict: Verdict;
  startedAt: string;
  durationMs: number;
  runs: RunResult[];
}
