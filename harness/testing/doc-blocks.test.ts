// Every fenced block of every page is run or parsed by a test, or says why not (doc-kinds.ts has the closed list); and a
// line of code in a sentence that sets a key of an agent file sets one that is there, to a value that it takes.

import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseConfig } from '../../agent/index.ts';
import { loadRegistry } from '../engine/built-ins.ts';
import { agentSchema } from '../scenario/agent-schema.ts';
import { checkAgentFile, checkBlock } from './doc-kinds.ts';
import { type DocBlock, listPages, readBlocks, readPage, readSection, withoutBlocks } from './doc-page.ts';

const registry = await loadRegistry([]);
// Modules and the scenarios that use them are loaded by extending.test.ts, with the parts that they bring.
const PAGES = listPages().filter((page) => page !== 'docs/extending.md');
const kindsOf = (page: string): string[] =>
  readBlocks(readPage(page)).map((block) => checkBlock(block, page, registry));

describe('the blocks of the docs', () => {
  it.each(PAGES)('%s', (page) => {
    for (const block of readBlocks(readPage(page)))
      expect(() => checkBlock(block, page, registry), block.text).not.toThrow();
    // A fence that nobody closes, or that is written otherwise, would hide its block from this test.
    expect((readPage(page).match(/^\s*(```|~~~)/gm) ?? []).length).toBe(2 * readBlocks(readPage(page)).length);
  });

  it('are of every kind', () => {
    const kinds = new Set(PAGES.flatMap(kindsOf));
    expect([...kinds].sort()).toEqual([
      ...['agent', 'agent config', 'commands, not run: changes-the-machine', 'commands, not run: needs-docker'],
      'commands, not run: takes-minutes',
      ...[
        'commands, run',
        'compose',
        'config',
        'daemon.json',
        'drawing',
        'files',
        'output',
        'scenario',
        'steps',
        'unit',
      ],
    ]);
    expect(kindsOf('docs/getting-started.md').filter((kind) => kind === 'commands, run')).toHaveLength(2);
  });
});

describe('a block is refused', () => {
  const check = (language: string, text: string, { file = 'my-agent.yaml', marks = {} }: Partial<DocBlock> = {}) =>
    checkBlock({ language, marks, text, file }, 'README.md', registry);

  it.each<[string, string, string, Partial<DocBlock>?]>([
    ['comand', 'yaml', 'agent: custom\nprocess: { comand: [x] }'],
    ['neither', 'yaml', 'title: x'],
    ['topology', 'yaml', 'title: x\ntopology: {}'],
    ['which file', 'yaml', 'agent: custom', { file: '' }],
    ['no test reads', 'python', ''],
    ['no language', '', 'larsen run'],
    ['no test reads', 'js', 'export default () => [];'],
    ['no input agent', 'yaml', '- { uses: ./larsen, with: { agent: x } }', { file: '.github/workflows/x.yml' }],
    ['inputs', 'yaml', 'inputs: 3', { file: 'larsen-agent.yaml' }],
    ['no reason', 'sh', 'larsen run', { marks: { 'not-run': 'too-lazy' } }],
    ['no mark', 'sh', 'larsen run', { marks: { skip: '1' } }],
    ['nothing here takes minutes', 'sh', 'larsen list', { marks: { 'not-run': 'takes-minutes' } }],
    ['nothing here needs Docker', 'sh', 'larsen list', { marks: { 'not-run': 'needs-docker' } }],
    ['nothing here changes', 'sh', 'larsen list', { marks: { 'not-run': 'changes-the-machine' } }],
    ['there is no x.yml', 'sh', 'docker compose -f x.yml up', { marks: { 'not-run': 'needs-docker' } }],
    ['no script imgs', 'sh', 'npm run imgs # docker compose', { marks: { 'not-run': 'needs-docker' } }],
    ['text that shows', 'text', 'larsen run', { marks: { shows: 'drawing' } }],
    ['no finding parity/lots', 'text', '  what  parity/lots, major', { marks: { shows: 'output' } }],
    ['log-opts', 'json', '{ "log-opts": { "fluentd-async": [] } }'],
    ['no such log-opt|unknown log opt', 'json', daemonJson('"fluentd-asink": "true"')],
    ['json-file to', 'json', '{ "log-driver": "json-file" }'],
    ['goes to fluentd', 'yaml', composeWith('fluentd'), { file: 'compose.yaml' }],
    ['no max-size', 'yaml', composeWith('local'), { file: 'compose.yaml' }],
    ['no line of a unit', 'ini', '[Unit]\nExecStart = x', { file: 'x.service' }],
    ['Service', 'ini', '[Unit]\nAfter=x', { file: 'x.service' }],
  ])('%s: %s', (message, language, text, rest) => {
    expect(() => check(language, text, rest)).toThrow(new RegExp(message));
  });

  it('and not one that is right', () => {
    expect(check('yaml', 'agent: custom\nprocess: { command: [x] }')).toBe('agent');
    expect(check('json', daemonJson('"fluentd-async": "true"'))).toBe('daemon.json');
    expect(readBlocks('  ```sh not-run=x\n  a\n  ```\n')).toEqual([
      { language: 'sh', marks: { 'not-run': 'x' }, text: 'a\n', file: '' },
    ]);
  });
});

function daemonJson(option: string): string {
  return `{ "log-driver": "fluentd", "log-opts": { "fluentd-address": "unix:///run/x.sock", ${option} } }`;
}

function composeWith(driver: string): string {
  return `services:
  agent: { command: [larsen-agent, --config, x], logging: { driver: ${driver} } }
  web: { logging: { driver: fluentd, options: { fluentd-address: "unix:///run/x.sock" } } }`;
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
  checkAgentFile({ agent: 'custom', process: { command: ['x'] }, ...nest(setting) }, 'x.yaml');

it('every setting of an agent file in a sentence is one that it takes', () => {
  const pages = ['README.md', 'docs/getting-started.md', 'docs/troubleshooting.md', 'docs/findings.md'];
  const settings = pages.flatMap((page) => readSettings(readPage(page))).filter(isOfAgentFile);
  expect(settings).toEqual(expect.arrayContaining(['self: { driver: json-file }', 'driver: { async: true }']));
  for (const setting of settings) expect([setting, checkSetting(setting)]).toEqual([setting, 'agent']);
  expect(() => checkSetting('self: { driver: jsonfile }')).toThrow('jsonfile');
  expect(() => checkSetting('driver.asink: true')).toThrow('asink');
});

it('every setting of larsen-agent in a sentence about it is one that it takes', () => {
  const section = readSection(readPage('docs/findings.md'), 'By agent').split('### larsen-agent')[1]!;
  const settings = readSettings(section).filter((setting) => !isOfAgentFile(setting));
  expect(settings.length).toBeGreaterThanOrEqual(2);
  const [working] = readBlocks(readPage('docs/larsen-agent.md')).filter(({ file }) => file === 'larsen-agent.yaml');
  for (const setting of settings) {
    const { buffer, ...rest } = nest(setting);
    const text = { ...parse(working!.text), ...rest, buffer: { path: '/var/lib/x', ...(buffer as object) } };
    expect(() => parseConfig(JSON.stringify(text), { name: setting, env: {} })).not.toThrow();
  }
});
