import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { HarnessError } from '../core/errors.ts';
import type { AgentSpec } from '../model/agent.ts';
import { parseAgent } from './load-agent.ts';
import { applyDriverOverride } from './merge.ts';
import { parseText } from './read-document.ts';

const folder = mkdtempSync(join(tmpdir(), 'larsen-agent-'));
afterAll(() => rmSync(folder, { recursive: true }));

function parse(source: string, file = join(folder, 'my-agent.yaml')): AgentSpec {
  const { value, locate } = parseText(source, { file, kind: 'AGENT' });
  return parseAgent(value, { file, locate });
}

function describeFailure(source: string): string {
  try {
    parse(source, 'a.yaml');
  } catch (error) {
    if (error instanceof HarnessError) return `${error.code}\n${error.message}`;
    throw error;
  }
  throw new Error('it was taken for a valid agent');
}

// The example of the reference page as it stands there, without its image beside a command.
const CONTRACT = `
name: my-agent                 # default: the file's stem
agent: custom                  # larsen-agent | fluentd | fluent-bit | vector | otelcol | alloy | custom
config: ./fluent.conf          # only endpoints and paths are rewritten; the rewrite is shown as a diff
process: { command: [python3, agent.py, --mode, x], env: { KEY: value }, readyWithin: 10s, drainWithin: 15s }
image: fluent/fluentd:v1.16-1  # docker engine: image, or build: ./folder
driver: { name: fluentd, docker: "20.10", address: unix, async: true, mode: blocking, bufferLimit: 1048576, retryWait: 1s, options: { fluentd-request-ack: "true" } }
self: { driver: json-file }
line: auto
health: "http://127.0.0.1:{http}/health"
metrics: "http://127.0.0.1:{http}/metrics"
`;

describe('parseAgent', () => {
  it('takes the example of the reference page to the letter', () => {
    writeFileSync(join(folder, 'fluent.conf'), '<source>');
    expect(parse(CONTRACT)).toEqual({
      name: 'my-agent',
      agent: 'custom',
      file: join(folder, 'my-agent.yaml'),
      folder,
      configText: '<source>',
      configFile: join(folder, 'fluent.conf'),
      process: {
        command: ['python3', 'agent.py', '--mode', 'x'],
        env: { KEY: 'value' },
        readyWithinMs: 10_000,
        drainWithinMs: 15_000,
      },
      image: 'fluent/fluentd:v1.16-1',
      driver: {
        name: 'fluentd',
        docker: '20.10',
        address: 'unix',
        async: true,
        mode: 'blocking',
        bufferLimit: 1_048_576,
        retryWaitMs: 1_000,
        options: { 'fluentd-request-ack': 'true' },
      },
      self: {
        name: 'json-file',
        docker: '20.10',
        address: 'unix',
        async: false,
        mode: 'blocking',
        bufferLimit: 1_048_576,
        retryWaitMs: 1_000,
        options: {},
      },
      selfSet: {},
      isSelfSet: true,
      line: { kind: 'auto' },
      health: 'http://127.0.0.1:{http}/health',
      metrics: 'http://127.0.0.1:{http}/metrics',
    });
  });

  it('fills in Docker’s defaults and the stem as name', () => {
    const agent = parse('agent: larsen-agent');
    expect(agent).toMatchObject({ name: 'my-agent', configText: null, health: null, line: { kind: 'auto' } });
    expect(agent.driver).toMatchObject({
      name: 'fluentd',
      docker: '20.10',
      async: false,
      mode: 'blocking',
      bufferLimit: 1_048_576,
    });
    expect(agent.process).toEqual({ command: [], env: {}, readyWithinMs: 10_000, drainWithinMs: 15_000 });
  });

  it('routes its own output like the apps’ where `self` says fluentd, but for what `self` sets', () => {
    const { self, selfSet } = parse(
      'agent: larsen-agent\ndriver: { docker: "18.09", address: tcp, async: true }\nself: { driver: fluentd, async: false }',
    );
    expect(self).toMatchObject({ name: 'fluentd', docker: '18.09', address: 'tcp', async: false });
    expect(selfSet).toEqual({ async: false });
  });

  it('reads every form of `line`', () => {
    const line = (text: string): unknown => parse(`agent: larsen-agent\nline: ${text}`).line;
    expect(['raw', 'otel', '{ json: log }', '{ logfmt: msg }'].map(line)).toEqual([
      { kind: 'raw' },
      { kind: 'otel' },
      { kind: 'json', key: 'log' },
      { kind: 'logfmt', key: 'msg' },
    ]);
  });

  it('takes numbers in command and env for texts, and sizes for a buffer limit', () => {
    const agent = parse(
      'agent: custom\nprocess: { command: [sleep, 1], env: { A: 1, B: true } }\ndriver: { bufferLimit: 1MiB }\nbuild: ./image',
    );
    expect(agent.process).toMatchObject({ command: ['sleep', '1'], env: { A: '1', B: 'true' } });
    expect(agent.driver.bufferLimit).toBe(1_048_576);
    expect(agent.build).toBe(join(folder, 'image'));
  });
});

describe('messages of parseAgent', () => {
  it('names line, key, expectation, value and the nearest key, all problems together', () => {
    expect(
      describeFailure(`
agent: custm
process: { comand: [x], readyWithin: 10 }
driver: { docker: 20.10, bufferLimit: lots, options: { fluentd-request-ack: true } }
self: fluentd
line: { jsn: log }
health: "127.0.0.1:{http}/health"
`),
    ).toMatchSnapshot();
  });

  it('asks for the command of a custom agent and for its config', () => {
    expect(describeFailure('agent: custom')).toMatchInlineSnapshot(`
      "E_AGENT_INVALID
      a.yaml: line 1, process.command: missing: expected the command that starts the agent, since it is \`agent: custom\`"
    `);
    expect(describeFailure('agent: larsen-agent\nconfig: ./no-such.conf')).toMatch(
      /^E_AGENT_CONFIG_MISSING\n.*no-such\.conf.*there is no such file/,
    );
  });

  it('tells a scenario file from an agent file', () => {
    expect(describeFailure('title: x\ntopology: {}')).toContain('It looks like a scenario file.');
  });
});

describe('applyDriverOverride', () => {
  const agent = parse(
    'agent: larsen-agent\ndriver: { async: false, options: { tag: a } }\nself: { driver: fluentd, retryWait: 5s }',
  );

  it('changes the agent’s own route too, but for what `self` sets', () => {
    const changed = applyDriverOverride(agent, {
      docker: '18.09',
      async: true,
      options: { 'fluentd-request-ack': 'true' },
    });
    expect(changed.driver).toMatchObject({
      docker: '18.09',
      async: true,
      options: { tag: 'a', 'fluentd-request-ack': 'true' },
    });
    expect(changed.self).toMatchObject({ name: 'fluentd', docker: '18.09', async: true, retryWaitMs: 5_000 });
  });

  it('leaves another kind of route as it is, but for the Docker version', () => {
    const isolated = parse('agent: larsen-agent\nself: { driver: json-file }');
    expect(applyDriverOverride(isolated, { docker: '18.09', async: true }).self).toEqual({
      ...isolated.self,
      docker: '18.09',
    });
  });

  it('without an override changes nothing', () => {
    expect(applyDriverOverride(agent, {})).toEqual(agent);
  });
});
