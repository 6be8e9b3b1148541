import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { loadPlugins } from '../plugin/load-plugins.ts';
import { createRegistry } from '../plugin/registry.ts';
import { openWorkspace } from '../plugin/workspace.ts';
import { createTestRegistry } from '../scenario/testing/registry.ts';
import type { CliContext } from './context.ts';
import { examineNode, examineTemporaryFolder } from './doctor.ts';
import { main } from './main.ts';
import { readOptions, settleNames } from './run.ts';

const root = realpathSync(mkdtempSync(join(tmpdir(), 'larsen-cli-')));
afterAll(() => rmSync(root, { recursive: true }));

const SCENARIO = `
title: Mine
topology: { apps: { q: { type: emitter } } }
load: [ { to: q, kind: lines, until: 1s, rate: [ { at: 0s, perSecond: 1 } ] } ]
`;

interface Outcome {
  code: number;
  out: string;
  error: string;
}

function createContext(cwd: string, print: (text: string) => void, printError: (text: string) => void): CliContext {
  return {
    cwd,
    env: {},
    print,
    printError,
    openWorkspace: (configFile) =>
      openWorkspace({
        configFile,
        cwd,
        loadRegistry: async (files) => {
          const { faults, checkers, shapes } = createTestRegistry();
          const registry = createRegistry({
            faults: [...faults.values()],
            checkers: [...checkers.values()],
            shapes: [...shapes.values()],
          });
          await loadPlugins(registry, files);
          return registry;
        },
      }),
  };
}

async function call(args: string[], cwd = root): Promise<Outcome> {
  let out = '';
  let error = '';
  const code = await main(
    args,
    createContext(
      cwd,
      (text) => {
        out += text;
      },
      (text) => {
        error += text;
      },
    ),
  );
  return { code, out, error };
}

function createFolder(files: Record<string, string> = {}): string {
  const folder = mkdtempSync(join(root, 'cwd-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

describe('larsen', () => {
  it.each([
    'run',
    'compare',
    'check',
    'replay',
    'report',
    'list',
    'validate',
    'doctor',
    'init',
    'clean',
    'completion',
    'conformance',
  ])('%s --help shows usage and an example', async (command) => {
    const { code, out } = await call([command, '--help']);
    expect(code).toBe(0);
    expect(out).toMatch(new RegExp(`Usage: larsen ${command}`));
    expect(out).toMatch(/Examples?:\n {2}\$ .*larsen /);
  });

  it('lists its commands, without hidden ones, and its version', async () => {
    expect((await call(['--help'])).out).toMatchSnapshot();
    expect((await call(['--version'])).out).toBe(
      `${(JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }).version}\n`,
    );
  });

  it('has every flag of the reference page', async () => {
    const { out } = await call(['run', '--help']);
    for (const flag of [
      '--agent',
      '--engine',
      '--seed',
      '--repeat',
      '--out',
      '--profile',
      '--only',
      '--fail-on',
      '--retry-unknown',
      '--keep',
      '--json',
      '--config',
      '--quiet',
    ])
      expect(out).toContain(`${flag} `);
  });

  it.each([
    [[]],
    [['rnu']],
    [['run', '--sed', '3']],
    [['run', '--seed', '-3']],
    [['run', '--seed', '1e3']],
    [['run', '--repeat', '0']],
    [['run', '--engine', 'proces']],
    [['run', '--fail-on', 'invald']],
    [['run', '--agent']],
    [['compare', 'a.yaml']],
    [['check']],
    [['check', 'a', 'b']],
    [['doctor', 'x']],
    [['run', '--only', 'partiy']],
    [['run', '--only', 'parity', '--config', 'none.yaml']],
  ])('%j ends with 254 and says what is wrong on stderr', async (args) => {
    const { code, out, error } = await call(args);
    expect(code).toBe(254);
    expect(out).toBe('');
    if (args.length > 0) expect(error.replaceAll(root, '.')).toMatchSnapshot();
  });

  it('an exception that nobody expected ends with 255 and asks for a report', async () => {
    let error = '';
    const context = createContext(
      root,
      () => undefined,
      (text) => {
        error += text;
      },
    );
    const code = await main(['list'], {
      ...context,
      openWorkspace: () => Promise.reject(new TypeError('x is not a function')),
    });
    expect(code).toBe(255);
    expect(error).toMatch(/^larsen: x is not a function\n.*defect of larsen \(E_INTERNAL\)/);
  });
});

describe('larsen run', () => {
  const flags = { engine: 'process', repeat: 1, failOn: 'unknown' } as const;
  const none = { openWorkspace: () => Promise.reject(new Error('not asked for')) };

  it('tries an unknown run again once where CI=true, unless told otherwise', () => {
    expect(readOptions([], flags, { env: { CI: 'true' } }).retryUnknown).toBe(1);
    expect(readOptions([], flags, { env: {} }).retryUnknown).toBe(0);
    expect(readOptions([], { ...flags, retryUnknown: 0 }, { env: { CI: 'true' } }).retryUnknown).toBe(0);
  });

  it('takes a scenario that landed among the agents or checkers for what it is', async () => {
    const cwd = createFolder({
      'mine.yaml': SCENARIO,
      'a.yaml': 'agent: larsen-agent\n',
      'b.yaml': 'agent: larsen-agent\n',
    });
    const cli = createContext(
      cwd,
      () => undefined,
      () => undefined,
    );
    const settle = (agent: string[], only: string[] = []) =>
      settleNames(readOptions([], { ...flags, agent, only }, { env: {} }), cli);
    expect(await settle(['a.yaml', 'b.yaml', 'mine.yaml'])).toMatchObject({
      agents: ['a.yaml', 'b.yaml'],
      scenarios: ['mine.yaml'],
    });
    expect(await settle(['a.yaml', 'nowhere'])).toMatchObject({ agents: ['a.yaml', 'nowhere'], scenarios: [] });
    expect(await settle(['mine.yaml', 'a.yaml'])).toMatchObject({ agents: ['mine.yaml', 'a.yaml'] });
    expect(await settle([], ['parity', 'mine.yaml'])).toMatchObject({ only: ['parity'], scenarios: ['mine.yaml'] });
  });

  it('looks nothing up where nothing can be mistaken', async () => {
    const options = readOptions(['x'], { ...flags, agent: ['y'] }, { env: {} });
    expect(await settleNames(options, none)).toBe(options);
  });
});

describe('larsen init, validate and list', () => {
  it('writes files that are valid, and never over others without --force', async () => {
    const cwd = createFolder();
    expect((await call(['init'], cwd)).code).toBe(0);
    expect(parse(readFileSync(join(cwd, '.github/workflows/larsen.yml'), 'utf8'))).toMatchObject({
      jobs: { larsen: {} },
    });
    const { code, out } = await call(['validate', 'first-spike', 'my-agent', 'larsen.config.yaml'], cwd);
    expect(out).toMatchInlineSnapshot(`
      "ok     first-spike
      ok     my-agent
      ok     larsen.config.yaml
      3 of 3 files are valid
      "
    `);
    expect(code).toBe(0);

    const agent = join(cwd, 'larsen/agents/my-agent.yaml');
    writeFileSync(agent, 'mine');
    const again = await call(['init'], cwd);
    expect(again.code).toBe(254);
    expect(again.error).toContain('Nothing was written');
    expect(readFileSync(agent, 'utf8')).toBe('mine');
    expect((await call(['init', '--force'], cwd)).code).toBe(0);
    expect(readFileSync(agent, 'utf8')).not.toBe('mine');
    expect(readdirSync(cwd).sort()).toEqual(['.github', 'larsen', 'larsen.config.yaml']);
  });

  it('validate tells each wrong file and ends with 254', async () => {
    const cwd = createFolder({
      'good.yaml': SCENARIO,
      'bad.yaml': `${SCENARIO}extra: 1`,
      'agent.yaml': 'agent: custom\n',
    });
    const { code, out } = await call(['validate', 'good.yaml', 'bad.yaml', 'agent.yaml', 'nowhere'], cwd);
    expect(code).toBe(254);
    expect(out.replaceAll(`${cwd}/`, '')).toMatchSnapshot();
  });

  it('list shows what can be named, as JSON too, and a broken file as broken', async () => {
    const cwd = createFolder({
      'larsen.config.yaml': 'scenarios: [ . ]\nagents: [ . ]',
      'mine.yaml': `${SCENARIO}suite: nightly`,
      'bad.yaml': 'topology: {}',
      'my-agent.yaml': 'agent: larsen-agent',
    });
    const { code, out } = await call(['list', '--json'], cwd);
    const listing = JSON.parse(out) as {
      scenarios: { id: string; error?: string }[];
      agents: { id: string }[];
      faults: { name: string }[];
    };
    expect(code).toBe(0);
    expect(listing.scenarios.find(({ id }) => id === 'mine')).toMatchObject({
      title: 'Mine',
      suite: 'nightly',
      engines: ['process', 'docker'],
    });
    expect(listing.scenarios.find(({ id }) => id === 'bad')?.error).toContain('missing');
    expect(listing.agents.map(({ id }) => id)).toContain('my-agent');
    expect(listing.faults.map(({ name }) => name)).toContain('sink-status');
    const text = (await call(['list', '--details'], cwd)).out;
    expect(text).toContain('mine');
    expect(text).toContain('broken: `larsen validate` says why');
    expect(text).toContain(join(cwd, 'mine.yaml'));
  });
});

it.each([
  ['report', 'result.json'],
  ['report', 'comparison.json'],
  ['check', 'run.json'],
  ['replay', 'run.json'],
])('%s says of a newer %s which larsen wrote it', async (command, file) => {
  const folder = createFolder({ [file]: '{ "schema": 2, "larsen": "9.1.0" }' });
  const { code, error } = await call([command, folder]);
  expect(code).toBe(254);
  expect(error).toContain(`${file} has format 2, written by larsen 9.1.0`);
  expect(error).not.toMatch(/restore it|run the scenario again/);
});

describe('larsen doctor', () => {
  it('looks at what the process engine needs', async () => {
    const { code, out } = await call(['doctor', '--json']);
    const { complete, findings } = JSON.parse(out) as {
      complete: boolean;
      findings: { name: string; state: string }[];
    };
    expect(findings.map(({ name }) => name)).toEqual([
      'engine',
      'platform',
      'node',
      'mkfifo',
      '/proc',
      'temporary folder',
      'docker',
    ]);
    expect(complete).toBe(findings.every(({ state }) => state !== 'missing'));
    expect(code).toBe(complete ? 0 : 2);
  });

  it('says that it could not read a larsen.config, and looks all the same', async () => {
    const cwd = createFolder();
    writeFileSync(join(cwd, 'larsen.config.yaml'), 'imagse: {}\n');
    const { findings } = JSON.parse((await call(['doctor', '--json'], cwd)).out) as {
      findings: { name: string; state: string; text: string }[];
    };
    expect(findings.at(-1)).toMatchObject({ name: 'larsen.config', state: 'note' });
    expect(findings.at(-1)!.text).toContain('imagse');
    expect(findings.map(({ name }) => name)).toContain('docker');
  });

  it('refuses a larsen.config that was named and cannot be read', async () => {
    const cwd = createFolder({ 'mine.yaml': 'imagse: {}\n' });
    const unknownKey = await call(['doctor', '--config', 'mine.yaml'], cwd);
    expect(unknownKey.code).toBe(254);
    expect(unknownKey.error).toContain('imagse');
    const missing = await call(['doctor', '--config', 'none.yaml'], cwd);
    expect(missing.code).toBe(254);
    expect(missing.error).toContain('none.yaml');
  });

  it('ends with 2 and says where it looked when no Docker engine answers', async () => {
    vi.stubEnv('DOCKER_HOST', 'unix:///nowhere/docker.sock');
    const { code, out } = await call(['doctor', '--engine', 'docker']);
    vi.unstubAllEnvs();
    expect(code).toBe(2);
    expect(out).toContain('unix:///nowhere/docker.sock (found by DOCKER_HOST) does not answer');
    expect(out).toContain("The docker engine can't run here");
  });

  it('refuses an old Node and a temporary folder that is no use', () => {
    expect(['18.20.0', '20.18.9', '20.19.0', '22.0.0', '24.1.0'].map((version) => examineNode(version).state)).toEqual([
      'missing',
      'missing',
      'ok',
      'ok',
      'ok',
    ]);
    expect(examineTemporaryFolder(join(root, 'none')).state).toBe('missing');
    const folder = createFolder();
    expect(examineTemporaryFolder(folder).state).toBe('ok');
    expect(existsSync(folder) && readdirSync(folder)).toEqual([]);
    const long = join(folder, 'd'.repeat(80));
    mkdirSync(long);
    expect(examineTemporaryFolder(long)).toMatchObject({ state: 'ok', text: expect.stringContaining('too long') });
  });
});

describe('larsen schema', () => {
  it('writes the JSON Schemas where it is told', async () => {
    const cwd = createFolder();
    expect((await call(['schema', 'out'], cwd)).code).toBe(0);
    expect(readdirSync(join(cwd, 'out'))).toEqual([
      'agent.schema.json',
      'comparison.schema.json',
      'config.schema.json',
      'conformance.schema.json',
      'ledger.schema.json',
      'result.schema.json',
      'scenario.schema.json',
    ]);
  });
});
