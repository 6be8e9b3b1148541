// From a name to a typed scenario: find the file, read it, merge the profile over it, parse it by the schema, check
// what spans several keys. Everything that is wrong with a file is told at once, in one HarnessError.

import { dirname, resolve } from 'node:path';
import { HarnessError } from '../core/errors.ts';
import type { PartRegistry } from '../model/engine.ts';
import type { Scenario } from '../model/scenario.ts';
import type { Catalogue } from './catalogue.ts';
import { checkScenario } from './checks.ts';
import { describeFile } from './describe-file.ts';
import { mergeOver } from './merge.ts';
import { createProblemsError, describeIssues, type Problem, readAt } from './messages.ts';
import { findNearest } from './nearest.ts';
import { type KeyPath, readDocument } from './read-document.ts';
import { resolveScenario } from './resolve.ts';
import { scenarioSchema } from './schema.ts';

/** What a scenario is loaded with. */
export interface LoadScenarioOptions {
  catalogue: Catalogue;
  /** The parts that names in the file may mean. */
  registry: PartRegistry;
  /** Profile to merge over; `full` without a profile of that name is the file as it is. Default: none. */
  profile?: string | null;
  /** Keys of a profile merged over last, such as a control's `with`. */
  over?: Record<string, unknown>;
}

/** Loads a scenario by name or path. Throws HarnessError E_SCENARIO_…, with every problem of the file. */
export function loadScenario(nameOrPath: string, options: LoadScenarioOptions): Scenario {
  const { id, file } = options.catalogue.findScenario(nameOrPath);
  const { value, locate } = readDocument(file, 'SCENARIO');
  return parseScenario(value, { ...options, id, file, locate });
}

/** Where a raw scenario comes from. */
export interface ParseScenarioOptions extends Omit<LoadScenarioOptions, 'catalogue'> {
  id: string;
  file: string;
  locate?(path: KeyPath): number | undefined;
}

/** Parses a raw scenario: the file itself, each of its profiles and controls, and what was asked for. */
export function parseScenario(raw: unknown, options: ParseScenarioOptions): Scenario {
  const { file, id, registry, profile = null, over, locate = () => undefined } = options;
  const fail = (problems: Problem[]): never => {
    throw createProblemsError(problems, { code: 'E_SCENARIO_INVALID', file, locate, hint: describeHint(raw) });
  };
  const parse = (value: unknown): { scenario: Scenario | undefined; problems: Problem[] } =>
    parseOne(value, { file, id, profile, registry });

  const base = parse(raw);
  if (!base.scenario) return fail(base.problems);
  const { profiles = {}, ...plain } = raw as { profiles?: Record<string, unknown> };
  const variants = [
    ...Object.entries(profiles).map(([name, keys]) => ({ keys, prefix: ['profiles', name] })),
    ...base.scenario.controls.map((control, index) => ({ keys: control.with, prefix: ['controls', index, 'with'] })),
  ];
  const problems = variants.flatMap(({ keys, prefix }) => checkVariant({ plain, keys, prefix }, parse));
  if (problems.length > 0) return fail(problems);
  const chosen = profile === null ? plain : mergeOver(plain, chooseProfile(profiles, { profile, file }));
  if (profile === null && over === undefined) return base.scenario;
  const merged = parse(over === undefined ? chosen : mergeOver(chosen, over));
  return merged.scenario ?? fail(merged.problems);
}

function parseOne(
  raw: unknown,
  context: { file: string; id: string; profile: string | null; registry: PartRegistry },
): { scenario: Scenario | undefined; problems: Problem[] } {
  const parsed = scenarioSchema.safeParse(raw);
  if (!parsed.success)
    return { scenario: undefined, problems: describeIssues(parsed.error.issues, { raw, schema: scenarioSchema }) };
  const { scenario, problems } = resolveScenario(parsed.data, context);
  const all = [...problems, ...checkScenario(scenario, context.registry)];
  if (all.length > 0) return { scenario: undefined, problems: all };
  return { scenario: withAgentPaths(scenario, dirname(context.file)), problems: [] };
}

/** The problems of a profile or control, told where they stand: in it, since the file by itself is whole. */
function checkVariant(
  { plain, keys, prefix }: { plain: unknown; keys: unknown; prefix: (string | number)[] },
  parse: (value: unknown) => { problems: Problem[] },
): Problem[] {
  const nested =
    readAt(keys, ['profiles']) === undefined
      ? []
      : [{ path: [...prefix, 'profiles'], text: 'profiles stand at the top of the file only' }];
  if (nested.length > 0) return nested;
  return parse(mergeOver(plain, keys)).problems.map(({ path, text }) => ({ path: [...prefix, ...path], text }));
}

function chooseProfile(
  profiles: Record<string, unknown>,
  { profile, file }: { profile: string; file: string },
): unknown {
  if (Object.hasOwn(profiles, profile)) return profiles[profile];
  const known = [...new Set([...Object.keys(profiles), 'full'])];
  if (profile === 'full') return {};
  const nearest = findNearest(profile, known);
  throw new HarnessError(
    'E_SCENARIO_PROFILE',
    `${describeFile(file)} has no profile ${JSON.stringify(profile)}.${nearest ? ` Did you mean \`${nearest}\`?` : ''} It has ${known.join(', ')} (full: the file as it is).`,
  );
}

/** Agents named by a relative path stand beside the scenario file. */
function withAgentPaths(scenario: Scenario, folder: string): Scenario {
  const locateAgent = (agent: string): string => (/^\.\.?\//.test(agent) ? resolve(folder, agent) : agent);
  return {
    ...scenario,
    agent: scenario.agent === null ? null : locateAgent(scenario.agent),
    controls: scenario.controls.map((control) => ({ ...control, agent: locateAgent(control.agent) })),
  };
}

function describeHint(raw: unknown): string | undefined {
  const isAgent =
    readAt(raw, ['topology']) === undefined &&
    (readAt(raw, ['process']) ?? readAt(raw, ['self']) ?? readAt(raw, ['driver'])) !== undefined;
  return isAgent ? 'It looks like an agent file. Agents are named with `--agent`.' : undefined;
}
