// The verdict of a run, from its folder alone: ledger, checkers, and what makes the run as a whole doubtful.
// Nothing of the live run is used, so judging again later gives the same answer.

import { join } from 'node:path';
import { describeError } from '../core/errors.ts';
import { builtInApps } from '../engine/built-in-apps.ts';
import { closeLedger } from '../ledger/accounts.ts';
import { writeLedgerFile } from '../ledger/ledger-file.ts';
import type { PartRegistry } from '../model/engine.ts';
import type { CheckResult } from '../model/finding.ts';
import type { History } from '../model/history.ts';
import { createLedgerTotals, type Ledger } from '../model/ledger.ts';
import type { CheckerDefinition } from '../model/parts.ts';
import type { PartCost, RunFacts, RunPlan, RunResult, UsedImage } from '../model/run.ts';
import type { RunRecord } from '../model/run-record.ts';
import { composeVerdicts, type Verdict } from '../model/verdict.ts';
import { addPasteLines } from './paste-lines.ts';
import { openHistory } from './recorded-history.ts';
import { collectRunFacts } from './run-facts.ts';
import { readRunRecord } from './run-record-file.ts';

/** What reports need beside the result. */
export interface JudgedRun {
  result: RunResult;
  facts: RunFacts;
  history: History;
  ledger: Ledger | null;
  record: RunRecord;
}

/** Judges a run folder. `only`: these checkers only. Throws E_RUN_FOLDER_READ when it holds no run. */
export async function judgeRun(
  folder: string,
  registry: PartRegistry,
  only: readonly string[] = [],
): Promise<JudgedRun> {
  const record = readRunRecord(folder);
  const plan: RunPlan = { ...record.plan, folder };
  const history = await openHistory(folder);
  const facts = await collectRunFacts({ record, plan, history, registry });
  const ledger = record.loadStartNs === null ? null : await close(record, plan, history, registry);
  if (ledger) await writeLedgerFile(join(folder, 'ledger.jsonl'), ledger);
  const { checked, skipped } = ledger
    ? await check({ facts, history, ledger, registry, only })
    : { checked: [], skipped: [] };
  const doubts = [...facts.doubts, ...history.holes()];
  return {
    result: compose({
      plan,
      checked,
      skipped,
      doubts,
      ledger,
      interrupted: record.interrupted,
      costs: facts.costs ?? [],
      images: record.images,
    }),
    facts,
    history,
    ledger,
    record,
  };
}

function close(record: RunRecord, plan: RunPlan, history: History, registry: PartRegistry): Promise<Ledger> {
  const { topology } = plan.scenario;
  return closeLedger({
    history,
    apps: Object.values(topology.apps).map((app) => ({
      name: app.name,
      reportsWrites: record.selfRecordingApps.includes(app.name),
      http: (builtInApps.get(app.type)?.kind ?? registry.apps.get(app.type)?.kind) === 'http',
    })),
    run: plan.runName,
    loadStartNs: record.loadStartNs ?? 0,
    readBack: record.readBack,
    pluginDriver: topology.driver.type !== undefined,
    relay: topology.relays.length > 0,
    recordingHop: record.recordingHop,
  });
}

type Checked = { checker: string; result: CheckResult };

async function check({
  facts,
  history,
  ledger,
  registry,
  only,
}: {
  facts: RunFacts;
  history: History;
  ledger: Ledger;
  registry: PartRegistry;
  only: readonly string[];
}): Promise<{ checked: Checked[]; skipped: string[] }> {
  const { expect } = facts.plan.scenario;
  const names = Object.keys(expect).filter((name) => only.length === 0 || only.includes(name));
  const checked: Checked[] = [];
  const skipped: string[] = [];
  for (const checker of names) {
    const definition = registry.checkers.get(checker);
    const why = definition?.skips?.(facts);
    if (why) {
      skipped.push(why);
      continue;
    }
    checked.push({
      checker,
      result: definition
        ? await checkOne(definition, { facts, history, ledger })
        : unknown(`There is no checker ${checker} here: a plugin is missing`),
    });
  }
  return { checked, skipped };
}

/** A checker that throws has not judged: unknown. */
async function checkOne(
  definition: CheckerDefinition,
  { facts, history, ledger }: { facts: RunFacts; history: History; ledger: Ledger },
): Promise<CheckResult> {
  try {
    const raw = facts.plan.scenario.expect[definition.name] ?? {};
    const params = typeof definition.params === 'function' ? definition.params(raw) : definition.params.parse(raw);
    return await definition.check({ history, ledger, params, run: facts });
  } catch (error) {
    return unknown(`The checker ${definition.name} failed: ${describeError(error)}`);
  }
}

function unknown(reason: string): CheckResult {
  return { verdict: 'unknown', numbers: {}, reasons: [reason], findings: [] };
}

function compose({
  plan,
  checked,
  skipped,
  doubts,
  ledger,
  interrupted,
  costs,
  images,
}: {
  plan: RunPlan;
  checked: Checked[];
  /** Why a checker that the scenario names was not asked. */
  skipped: string[];
  doubts: string[];
  ledger: Ledger | null;
  interrupted: boolean;
  costs: PartCost[];
  images: UsedImage[] | undefined;
}): RunResult {
  const verdicts: Verdict[] = checked.map(({ result }) => result.verdict);
  if (doubts.length > 0) verdicts.push('unknown');
  const findings = addPasteLines(
    checked.flatMap(({ result }) => result.findings),
    plan.agent.setUp,
  );
  // A checker gives its findings' titles as reasons; beside the findings themselves they would be said twice.
  const titles = new Set(findings.map(({ title }) => title));
  const reasons = [
    ...doubts,
    ...skipped,
    ...checked.flatMap(({ result }) => (result.verdict === 'valid' ? [] : result.reasons)),
  ].filter((reason) => !titles.has(reason));
  return {
    scenario: plan.scenario.id,
    agent: plan.agent.name,
    engine: plan.engine,
    seed: plan.seed,
    repeat: plan.repeat,
    verdict: interrupted ? 'unknown' : composeVerdicts(verdicts),
    folder: plan.folder,
    reasons: [...new Set(reasons)],
    checks: Object.fromEntries(checked.map(({ checker, result: { findings: _findings, ...kept } }) => [checker, kept])),
    findings,
    ledger: ledger
      ? { total: ledger.total, apps: ledger.apps, hops: ledger.hops }
      : { total: createLedgerTotals(), apps: {}, hops: [] },
    costs,
    ...(images && { images }),
  };
}
