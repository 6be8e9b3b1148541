// How an agent file becomes a command, an environment and a config: the contract, to the letter.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { parseConfig } from '../../agent/config/parse.ts';
import type { AgentSpec } from '../model/agent.ts';
import type { DriverSpec } from '../model/scenario.ts';
import { describeRewrite, redactSecrets } from './config-diff.ts';
import { findOnPath } from './installed.ts';
import { PLACEHOLDERS, type PlaceholderValues, replacePlaceholders, splitAddresses } from './placeholders.ts';
import { agentAdapters, prepareAgent } from './registry.ts';

const tempDir = mkdtempSync(join(tmpdir(), 'larsen-agents-'));
afterAll(() => rmSync(tempDir, { recursive: true }));

const DRIVER: DriverSpec = {
  name: 'fluentd',
  docker: '20.10',
  address: 'unix',
  async: true,
  mode: 'blocking',
  bufferLimit: 1_048_576,
  retryWaitMs: 1_000,
  options: {},
};
const VALUES: PlaceholderValues = {
  forward: 'F',
  sink: 'S',
  data: 'D',
  http: '8',
  shared: 'H',
  config: 'C',
  package: 'P',
  'forward.path': 'p',
  'forward.host': 'h',
  'forward.port': '1',
  'sink.host': 's',
  'sink.port': '2',
};
const ADDRESSES = {
  forwardUrl: 'unix:///run/x/agent.sock',
  sinkUrl: 'http://127.0.0.1:3100',
  dataDir: '/d',
  httpPort: 9_600,
  sharedDir: '/s',
  packageDir: '/p',
  tempDir,
};

function specOf(over: Partial<AgentSpec> & { command?: string[]; env?: Record<string, string> } = {}): AgentSpec {
  const { command = [], env = {}, ...rest } = over;
  const base = {
    name: 'a',
    agent: 'custom',
    file: null,
    folder: '/folder',
    configText: null,
    configFile: null,
    image: null,
    line: { kind: 'auto' as const },
    health: null,
    metrics: null,
  };
  return {
    ...base,
    driver: DRIVER,
    self: { ...DRIVER, name: 'json-file' },
    process: { command, env, readyWithinMs: 1, drainWithinMs: 1 },
    ...rest,
  };
}

describe('placeholders', () => {
  test('parts of an address are there for the kind that it is; any other is told with what to use', () => {
    const unix = { ...VALUES, ...splitAddresses({ forward: 'unix:///run/a%20b/x.sock', sink: 'http://127.0.0.1:31' }) };
    const tcp = { ...VALUES, ...splitAddresses({ forward: 'tcp://127.0.0.1:9', sink: 'http://loki' }) };
    expect(replacePlaceholders('{forward.path} {sink.host}:{sink.port}', unix)).toBe('/run/a b/x.sock 127.0.0.1:31');
    expect(replacePlaceholders('{forward.host}:{forward.port}', tcp)).toBe('127.0.0.1:9');
    expect(() => replacePlaceholders('{forward.port}', unix)).toThrow('use {forward.path}');
    expect(() => replacePlaceholders('{forward.path}', tcp)).toThrow('use {forward.host}');
    expect(() => replacePlaceholders('{sink.port}', tcp)).toThrow('use {sink}');
  });

  test('every one is replaced wherever it stands', () => {
    const text = PLACEHOLDERS.map((name) => `{${name}}`).join('');
    expect(replacePlaceholders(text, VALUES)).toBe('FSD8HCPph1s2');
    expect(replacePlaceholders('http://127.0.0.1:{http}/health', VALUES)).toBe('http://127.0.0.1:8/health');
    expect(replacePlaceholders('{a: {data}, b: {http}}', VALUES)).toBe('{a: D, b: 8}');
    expect(replacePlaceholders('{path:{data}}', VALUES)).toBe('{path:D}');
  });

  test('other braces belong to the agent', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is another language's syntax.
    const foreign = '{"a":{}} {{.Name}} {{ data }} {{data}} ${data} ${HTTP} {} {Http} { http } %{sink_x} #{ENV["x"]}';
    expect(replacePlaceholders(foreign, VALUES)).toBe(foreign);
  });

  test('text without a placeholder is kept byte for byte, and values are not looked at again', () => {
    const other = fc.string().filter((text) => !/[{}$]/.test(text));
    fc.assert(
      fc.property(other, fc.constantFrom(...PLACEHOLDERS), other, fc.string(), (before, name, after, value) => {
        const values = { ...VALUES, [name]: value };
        expect(replacePlaceholders(`${before}{${name}}${after}`, values)).toBe(`${before}${value}${after}`);
        expect(replacePlaceholders(before, values)).toBe(before);
      }),
    );
  });

  test('JSON stays JSON with the same keys', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.jsonValue()), (value) => {
        const text = JSON.stringify(value);
        fc.pre(!/\{(forward|sink|data|http|shared|config|package)\}/.test(text));
        expect(replacePlaceholders(text, VALUES)).toBe(text);
      }),
    );
  });
});

describe('prepareAgent', () => {
  test('fills in command, environment, config and pages', async () => {
    const prepared = await prepareAgent({
      ...ADDRESSES,
      spec: specOf({
        command: ['python3', 'agent.py', '{forward}', '{config}', '{package}/x'],
        env: { OUT: '{sink}', LARSEN_HTTP_PORT: 'mine' },
        configText: 'listen {forward}\nkeep {{.Tag}}\npassword = hunter2 {data}\n',
        configFile: '/folder/agent.conf',
        health: 'http://127.0.0.1:{http}/health',
      }),
    });
    const configPath = join(tempDir, 'agent.conf');
    expect(prepared).toMatchObject({
      command: ['python3', 'agent.py', 'unix:///run/x/agent.sock', configPath, '/p/x'],
      cwd: '/folder',
      configPath,
      health: 'http://127.0.0.1:9600/health',
      metrics: null,
    });
    expect(prepared.env).toMatchObject({
      PATH: process.env.PATH,
      OUT: 'http://127.0.0.1:3100',
      LARSEN_FORWARD_URL: 'unix:///run/x/agent.sock',
      LARSEN_SINK_URL: 'http://127.0.0.1:3100',
      LARSEN_DATA_DIR: '/d',
      LARSEN_HTTP_PORT: '9600',
      LARSEN_SHARED_DIR: '/s',
    });
    expect(readFileSync(configPath, 'utf8')).toBe(
      'listen unix:///run/x/agent.sock\nkeep {{.Tag}}\npassword = hunter2 /d\n',
    );
    expect(prepared.configDiff).toContain('-listen {forward}\n+listen unix:///run/x/agent.sock');
    expect(prepared.configDiff).not.toContain('hunter2');
  });

  test('larsen-agent brings a config that it accepts itself', async () => {
    const prepared = await prepareAgent({ ...ADDRESSES, spec: specOf({ agent: 'larsen-agent' }) });
    expect(prepared.command).toEqual([process.execPath, '/p/dist/agent/main.js', '--config', prepared.configPath]);
    const config = parseConfig(readFileSync(prepared.configPath!, 'utf8'), { name: 'default', env: prepared.env });
    expect(config.inputs[0]).toMatchObject({ type: 'forward', url: ADDRESSES.forwardUrl });
    expect(config.outputs[0]).toMatchObject({ type: 'loki', url: ADDRESSES.sinkUrl });
    expect(config.http?.listen).toBe('127.0.0.1:9600');
    expect(prepared.health).toBe('http://127.0.0.1:9600/health');
  });

  test('an agent that cannot be started says what its file lacks', async () => {
    const codes = new Map([
      ['custom', 'E_AGENT_COMMAND'],
      ['nonsense', 'E_AGENT_UNKNOWN'],
      ['fluentd', 'E_AGENT_BINARY'],
    ]);
    const path = process.env.PATH;
    process.env.PATH = tempDir;
    try {
      for (const [agent, code] of codes)
        await expect(prepareAgent({ ...ADDRESSES, spec: specOf({ agent }) })).rejects.toMatchObject({
          code,
          exitCode: 254,
        });
      await expect(prepareAgent({ ...ADDRESSES, spec: specOf({ agent: 'fluentd' }) })).rejects.toThrow(
        'process: { command: ["/path/to/fluentd", "-c", "{config}"] }',
      );
    } finally {
      process.env.PATH = path;
    }
  });

  test('an installed agent is started by the command of its file', async () => {
    const { command } = await prepareAgent({
      ...ADDRESSES,
      spec: specOf({
        agent: 'vector',
        command: ['/opt/vector', '-c', '{config}'],
        configText: 'x',
        configFile: '/f/v.yaml',
      }),
    });
    expect(command).toEqual(['/opt/vector', '-c', join(tempDir, 'v.yaml')]);
  });
});

test('the binary is looked for on the PATH and has to be executable', () => {
  expect(findOnPath('node', `/nowhere:${join(process.execPath, '..')}`)).toBe(process.execPath);
  expect(findOnPath('agents.test.ts', import.meta.dirname)).toBeNull();
});

test('adapter names are unique', () => {
  const names = agentAdapters.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

describe('the diff', () => {
  test.each([
    ['password: hunter2', 'password: ***'],
    ['  "api_key": "abc", "x": 1', '  "api_key": ***, "x": 1'],
    ['shared_key hunter2', 'shared_key ***'],
    ['bearer_token = "a b"', 'bearer_token = ***'],
    ['url http://user:pa55@loki:3100', 'url http://user:***@loki:3100'],
    ['url http://loki:3100/push', 'url http://loki:3100/push'],
  ])('redacts %s', (text, redacted) => expect(redactSecrets(text)).toBe(redacted));

  test('is empty when nothing was rewritten', () => {
    fc.assert(fc.property(fc.string(), (text) => describeRewrite({ name: 'x', before: text, after: text }) === ''));
  });
});
