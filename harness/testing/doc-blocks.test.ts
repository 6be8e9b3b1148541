// What the pages for users show as a file is such a file: each block is parsed as what its first line says it is, and a
// line of code in a sentence that sets a key of an agent file sets one that is there, to a value that it takes.

import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseConfig } from '../../agent/index.ts';
import { loadRegistry } from '../engine/built-ins.ts';
import { agentSchema } from '../scenario/agent-schema.ts';
import { configSchema } from '../scenario/config-schema.ts';
import { parseScenario } from '../scenario/load.ts';
import { parseAgent } from '../scenario/load-agent.ts';
import { type DocBlock, PROJECT_ROOT, readBlocks, readPage, readSection, withoutBlocks } from './doc-page.ts';

const PAGES = ['README.md', 'docs/getting-started.md', 'docs/troubleshooting.md', 'docs/findings.md'];
const registry = await loadRegistry([]);
const action = parse(readPage('action.yml')) as { inputs: Record<string, unknown> };

/** Checks a block as the file that it says it is, and tells which kind that was. Throws what is wrong with it. */
function checkBlock({ language, text, file }: DocBlock): string {
  if (language === 'sh') return 'commands'; // doc-commands.test.ts
  if (language === 'json') return JSON.parse(text) ? 'json' : 'nothing';
  if (language !== 'yaml') throw new Error(`no test reads a block of ${language}: ${text.slice(0, 40)}`);
  if (file === '') throw new Error(`no first line tells which file this is: ${text.slice(0, 40)}`);
  const value = parse(text) as Record<string, unknown>;
  if (file.startsWith('.github/workflows/')) return checkSteps(value as unknown as WorkflowStep[]);
  if (/larsen\.config\.yaml$/.test(file)) return configSchema.parse(value) ? 'config' : 'nothing';
  if ('topology' in value) return checkScenario(value, file);
  return checkAgent(value, file);
}

function checkScenario(value: unknown, file: string): string {
  parseScenario(value, { id: file, file: join(PROJECT_ROOT, file), registry });
  return 'scenario';
}

/** The config that it names is the reader's, so it is not looked for. */
function checkAgent({ config: _config, ...value }: Record<string, unknown>, file: string): string {
  if (!('agent' in value)) throw new Error(`${file} is neither a scenario nor an agent file`);
  parseAgent(value, { file: join(PROJECT_ROOT, file) });
  return 'agent';
}

interface WorkflowStep {
  uses: string;
  with: Record<string, unknown>;
}

function checkSteps(steps: WorkflowStep[]): string {
  for (const step of steps) {
    const wrong = Object.keys(step.with).filter((input) => !(input in action.inputs));
    if (step.uses !== './larsen' || wrong.length > 0) throw new Error(`the action has no input ${wrong.join(', ')}`);
  }
  return 'steps';
}

/** Code in sentences that sets something: `self: { driver: json-file }`. */
function readSettings(page: string): string[] {
  return [...withoutBlocks(page).matchAll(/`([a-zA-Z.]+: [^`]+)`/g)].map((match) => match[1]!);
}

const AGENT_KEYS = Object.keys(agentSchema.shape);
const isOfAgentFile = (setting: string): boolean => AGENT_KEYS.includes(setting.split(/[.:]/)[0]!);

/** `a.b: c` as the nested keys that it stands for. */
function nest(setting: string): Record<string, unknown> {
  const [path, value] = Object.entries(parse(setting) as Record<string, unknown>)[0]!;
  return path.split('.').reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as Record<string, unknown>;
}

const checkSetting = (setting: string): string =>
  checkAgent({ agent: 'custom', process: { command: ['x'] }, ...nest(setting) }, 'x.yaml');

it.each([
  ['README.md', { agent: 1 }],
  ['docs/getting-started.md', { agent: 1, steps: 1 }],
  ['docs/troubleshooting.md', {}],
  ['docs/findings.md', {}],
])('the files shown in %s are what they say they are', (page, expected) => {
  const kinds: Record<string, number> = {};
  for (const block of readBlocks(readPage(page))) {
    const kind = checkBlock(block);
    if (kind !== 'commands') kinds[kind] = (kinds[kind] ?? 0) + 1;
  }
  expect(kinds).toEqual(expected);
});

it('every setting of an agent file in a sentence is one that it takes', () => {
  const settings = PAGES.flatMap((page) => readSettings(readPage(page))).filter(isOfAgentFile);
  expect(settings).toEqual(expect.arrayContaining(['self: { driver: json-file }', 'driver: { async: true }']));
  for (const setting of settings) expect([setting, checkSetting(setting)]).toEqual([setting, 'agent']);
});

it('every setting of larsen-agent in a sentence about it is one that it takes', () => {
  const section = readSection(readPage('docs/findings.md'), 'By agent').split('### larsen-agent')[1]!;
  const settings = readSettings(section).filter((setting) => !isOfAgentFile(setting));
  expect(settings.length).toBeGreaterThanOrEqual(2);
  for (const setting of settings) {
    const { buffer, ...rest } = nest(setting);
    const text = JSON.stringify({ ...WORKING, ...rest, buffer: { path: '/var/lib/x', ...(buffer as object) } });
    expect(() => parseConfig(text, { name: setting, env: {} })).not.toThrow();
  }
});

/** A config of larsen-agent that is complete. */
const WORKING = parse(
  readBlocks(readPage('docs/larsen-agent.md')).find(({ file }) => file === 'larsen-agent.yaml')!.text,
);

it('notices a wrong key, a wrong value, a file of no kind and a block without a name', () => {
  const block = (text: string, file = 'my-agent.yaml'): DocBlock => ({ language: 'yaml', text, file });
  expect(checkBlock(block('agent: custom\nprocess: { command: [x] }'))).toBe('agent');
  expect(() => checkBlock(block('agent: custom\nprocess: { comand: [x] }'))).toThrow('comand');
  expect(() => checkBlock(block('title: x'))).toThrow('neither');
  expect(() => checkBlock(block('title: x\ntopology: {}'))).toThrow('topology');
  expect(() => checkBlock(block('agent: custom', ''))).toThrow('which file');
  expect(() => checkBlock({ language: 'python', text: '', file: '' })).toThrow('no test reads');
  expect(() => checkBlock(block('- { uses: ./larsen, with: { agent: x } }', '.github/workflows/x.yml'))).toThrow(
    'agent',
  );
  expect(() => checkSetting('self: { driver: jsonfile }')).toThrow('jsonfile');
  expect(() => checkSetting('driver.asink: true')).toThrow('asink');
});
