// The library: what plugins and tools of others are made with. Named re-exports, nothing else.

// Beside these stands running from code: `runAll` of run/run-all.ts.

export { z } from 'zod';
export { HarnessError } from './core/errors.ts';
export type { AgentSpec, LineWrapper } from './model/agent.ts';
export type { PartRegistry } from './model/engine.ts';
export type { EmittedEvent, Event, EventKind, EventRef, Hop, HopRange } from './model/event.ts';
export type { CheckResult, Finding, Severity } from './model/finding.ts';
export type { History } from './model/history.ts';
export type { Account, Ledger, LedgerEntry, LedgerTotals } from './model/ledger.ts';
export type { LineRecord } from './model/line-record.ts';
export type {
  AppDefinition,
  CheckerDefinition,
  DriverDefinition,
  DriverStart,
  FaultDefinition,
  Params,
  ShapeDefinition,
  ShapedLine,
  SinkDefinition,
  SinkEntry,
  SinkRule,
  SinkStart,
  StartedPart,
  World,
} from './model/parts.ts';
export type { EngineName, Result, RunFacts, RunPlan, RunResult } from './model/run.ts';
export type { RunOptions } from './model/run-options.ts';
export type { Scenario } from './model/scenario.ts';
export type { Verdict } from './model/verdict.ts';
export { type Larsen, larsen } from './plugin/api.ts';
export {
  defineApp,
  defineChecker,
  defineDriver,
  defineFault,
  defineScenario,
  defineShape,
  defineSink,
  type Part,
} from './plugin/define.ts';
export type { AgentInput } from './scenario/agent-schema.ts';
export type { ConfigInput } from './scenario/config-schema.ts';
export type { ScenarioInput } from './scenario/schema.ts';
