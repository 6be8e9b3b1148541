// docs/reference.md and docs/larsen-agent.md name what there is: each key of the JSON Schemas, each fault, checker, class,
// command line option, record kind and metric. A key that is added to a schema and not to its page fails here.

import { expect, it } from 'vitest';
import { z } from 'zod';
import { configSchema as agentConfigSchema } from '../../agent/config/schema.ts';
import { Counters } from '../../agent/observe/counters.ts';
import { type Gauges, renderMetrics } from '../../agent/observe/metrics-text.ts';
import { PLACEHOLDERS } from '../agents/placeholders.ts';
import { createProcessContext } from '../cli/context.ts';
import { createProgram } from '../cli/main.ts';
import { loadRegistry } from '../engine/built-ins.ts';
import { EVENT_KINDS } from '../model/event.ts';
import { LEDGER_COUNTS } from '../model/ledger.ts';
import { DROP_REASONS, HELD_IN, LINE_KINDS, STORED_FORMS } from '../model/line-record.ts';
import { BUILT_IN_APPS } from '../scenario/app-kinds.ts';
import { FINDING_CLASSES } from '../scenario/finding-names.ts';
import { readPage, readRows, readSection, withoutBlocks } from './doc-page.ts';

const REFERENCE = readPage('docs/reference.md');
const AGENT_PAGE = readPage('docs/larsen-agent.md');
const registry = await loadRegistry([]);

interface Schema {
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
}

/** Paths of all keys below a schema; `[]` stands for each item of a list and each value of a map. */
function listPaths(schema: Schema, path = ''): string[] {
  const named = Object.entries(schema.properties ?? {}).flatMap(([key, below]) => {
    const own = path === '' ? key : `${path}.${key}`;
    return [own, ...listPaths(below, own)];
  });
  const each = [schema.additionalProperties, schema.items].flatMap((below) =>
    typeof below === 'object' ? listPaths(below, `${path}[]`) : [],
  );
  return [
    ...new Set([
      ...named,
      ...each,
      ...[...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].flatMap((below) => listPaths(below, path)),
    ]),
  ];
}

/** Parents whose keys stand in a table of their own, by their last name alone. */
const TABLED = /^(driver|self|topology\.driver|topology\.sink\.limits)$/;

/** The paths that no table of the text tells: by the whole path, in the row of the parent, or as a parent of others. */
function findUntold(paths: readonly string[], text: string): string[] {
  const rows = readRows(text);
  const told = new Set(rows.flatMap(({ keys }) => keys.map((key) => key.replaceAll(/\.[A-Z]+\b/g, '[]'))));
  const isTold = (path: string): boolean => {
    if (told.has(path) || [...told].some((key) => key.startsWith(`${path}.`) || key.startsWith(`${path}[`)))
      return true;
    const at = path.lastIndexOf('.');
    const [parent, key] = [path.slice(0, Math.max(0, at)), path.slice(at + 1)];
    if (TABLED.test(parent)) return told.has(key);
    return rows.some(({ keys, words }) => keys.includes(parent) && words.includes(key));
  };
  return paths.filter((path) => !isTold(path));
}

function readSchema(name: string): Schema {
  return JSON.parse(readPage(`docs/schema/${name}.schema.json`)) as Schema;
}

it.each([
  ['scenario', 'Scenario file', 60],
  ['agent', 'Agent file', 30],
  ['config', 'larsen.config', 9],
])('each key of a %s file stands in its section of the reference', (name, heading, least) => {
  // Limits of checkers stand in a table of their own, which another test reads.
  const paths = listPaths(readSchema(name)).filter((path) => !path.startsWith('expect.'));
  expect(paths.length).toBeGreaterThanOrEqual(least);
  const driverKeys = readSection(REFERENCE, 'Agent file').split('### Driver keys')[1]!;
  expect(findUntold(paths, readSection(REFERENCE, heading) + (name === 'scenario' ? driverKeys : ''))).toEqual([]);
});

it('notices a key that is missing, and one that stands elsewhere only', () => {
  expect(findUntold(['load[].rate[].perHour', 'topology.apps[].at'], REFERENCE)).toEqual([
    'load[].rate[].perHour',
    'topology.apps[].at',
  ]);
});

it.each(['result', 'ledger'])('each key of the %s schema stands in the run folder section', (name) => {
  const words = new Set(readWords(readSection(REFERENCE, 'Run folder')));
  const keys = new Set(listPaths(readSchema(name)).map((path) => path.split('.').at(-1)!));
  const counts = LEDGER_COUNTS.flatMap((count) => [`${count}Lines`, `${count}Bytes`]);
  expect([...keys].filter((key) => !words.has(key) && !counts.includes(key))).toEqual([]);
  expect(LEDGER_COUNTS.filter((count) => !words.has(count))).toEqual([]);
});

it('each fault stands in the reference with its parameters', () => {
  const rows = readRows(readSection(REFERENCE, 'Scenario file'));
  expect(registry.faults.size).toBeGreaterThan(0);
  for (const { name, params } of registry.faults.values()) {
    const row = rows.find(({ keys }) => keys.includes(name));
    const known = listPaths(z.toJSONSchema(params as z.ZodType, { io: 'input', unrepresentable: 'any' }) as Schema);
    expect({ name, untold: known.filter((key) => row?.words.includes(key) !== true) }).toEqual({ name, untold: [] });
    expect(row, name).toBeDefined();
  }
});

it('each checker stands in the reference with its limits and classes, each class in the findings', () => {
  const section = readSection(REFERENCE, 'Scenario file');
  const words = new Set(readWords(section));
  const findings = readPage('docs/findings.md');
  for (const { name, params } of registry.checkers.values()) {
    const { schema } = params as unknown as { schema: z.ZodObject };
    expect([name, ...Object.keys(schema.shape)].filter((word) => !words.has(word))).toEqual([]);
    for (const findingClass of FINDING_CLASSES[name]!) expect(findings).toContain(`\n### ${findingClass}\n`);
  }
  for (const [checker, classes] of Object.entries(FINDING_CLASSES))
    expect([checker, ...classes].filter((word) => !words.has(word) || !findings.includes(word))).toEqual([]);
});

it.each([
  ['shape', [...registry.shapes.keys()]],
  ['type', Object.keys(BUILT_IN_APPS)],
])('the row of an app’s %s names each one', (key, names) => {
  const row = readRows(readSection(REFERENCE, 'Scenario file')).find(({ keys }) =>
    keys.includes(`topology.apps.NAME.${key}`),
  );
  expect(names.filter((name) => row?.words.includes(name) !== true)).toEqual([]);
});

it('each command and option stands in the command line section', () => {
  const section = readSection(REFERENCE, 'Command line');
  const program = createProgram({ ...createProcessContext(), exit: () => undefined });
  const visible = program
    .createHelp()
    .visibleCommands(program)
    .filter((command) => command.name() !== 'help');
  expect(visible.length).toBeGreaterThanOrEqual(7);
  for (const command of visible) {
    expect(section).toContain(`\`larsen ${command.name()}`);
    for (const { long } of command.options) expect(section, command.name()).toContain(`\`${long}`);
  }
});

it('each kind of event and record, and each of their words, stands in the run folder section', () => {
  const words = new Set(readWords(readSection(REFERENCE, 'Run folder')));
  const text = readSection(REFERENCE, 'Run folder');
  expect(EVENT_KINDS.filter((kind) => !words.has(kind))).toEqual([]);
  for (const [name, kind] of Object.entries(LINE_KINDS)) expect(text).toContain(`\n| ${kind} | ${name} |`);
  for (const list of [DROP_REASONS, STORED_FORMS, HELD_IN])
    expect(text).toContain(list.map((word, index) => `${index} ${word}`).join(', '));
});

it('each placeholder stands in the environment section', () => {
  const section = readSection(REFERENCE, 'Environment and placeholders');
  for (const name of PLACEHOLDERS) expect(section).toContain(`\`{${name}}\``);
});

it('each key and metric of larsen-agent stands on its page', () => {
  const paths = listPaths(z.toJSONSchema(agentConfigSchema, { io: 'input', unrepresentable: 'any' }) as Schema);
  expect(paths.length).toBeGreaterThan(40);
  expect(findUntold(paths, readSection(AGENT_PAGE, 'Config'))).toEqual([]);
  const page = renderMetrics(new Counters(1), { lanes: [] } as unknown as Gauges);
  const names = [...page.matchAll(/^# TYPE larsen_agent_(\w+) /gm)].map((match) => match[1]!);
  expect(names.length).toBeGreaterThan(30);
  expect(names.filter((name) => !AGENT_PAGE.includes(`\`${name}\``))).toEqual([]);
});

/** Every word in code of a text. */
function readWords(text: string): string[] {
  return [...withoutBlocks(text).matchAll(/`([^`]+)`/g)].flatMap((match) => match[1]!.split(/[^\w-]+/));
}
