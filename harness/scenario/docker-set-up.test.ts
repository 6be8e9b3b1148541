import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { applySetUp, readSetUp } from './docker-set-up.ts';
import { parseAgent } from './load-agent.ts';

const root = mkdtempSync(join(tmpdir(), 'larsen-set-up-'));
afterAll(() => rmSync(root, { recursive: true }));

function write(name: string, text: string): string {
  const file = join(root, name);
  writeFileSync(file, text);
  return file;
}

const DAEMON = write(
  'daemon.json',
  JSON.stringify({
    'log-driver': 'fluentd',
    'log-opts': { 'fluentd-address': 'unix:///var/run/fluent.sock', 'fluentd-async': 'true', tag: '{{.Name}}' },
    'live-restore': true,
  }),
);
const COMPOSE = write(
  'compose.yaml',
  `x-logging: &logging
  driver: fluentd
  options: { fluentd-address: "\${AGENT:-localhost:24224}", fluentd-buffer-limit: 1000, mode: non-blocking }
services:
  web: { image: x, logging: *logging }
  plain: { image: x }
  needy: { image: x, logging: { driver: "\${LOG_DRIVER}" } }
  syslog: { image: x, logging: { driver: syslog } }
`,
);

const read = (from: { daemonJson?: string; compose?: string; service?: string }, env = {}) =>
  readSetUp({ daemonJson: from.daemonJson ?? null, compose: from.compose ?? null, service: from.service ?? null }, env);
const agent = (raw: object) => parseAgent({ agent: 'larsen-agent', ...raw }, { file: join(root, 'a.yaml') });

describe('readSetUp', () => {
  it('takes driver and options of daemon.json as they stand', () => {
    expect(read({ daemonJson: DAEMON })).toMatchObject({
      form: 'daemon-json',
      driver: 'fluentd',
      options: { 'fluentd-async': 'true', tag: '{{.Name}}' },
    });
  });

  it('takes those of a compose service, with anchors, variables and numbers', () => {
    expect(read({ compose: COMPOSE, service: 'web' }, { AGENT: '10.0.0.1:1' })).toMatchObject({
      form: 'compose',
      service: 'web',
      options: { 'fluentd-address': '10.0.0.1:1', 'fluentd-buffer-limit': '1000', mode: 'non-blocking' },
    });
    expect(read({ compose: COMPOSE, service: 'web' })!.options['fluentd-address']).toBe('localhost:24224');
  });

  it('falls back to the daemon’s driver, then to Docker’s, where a service says nothing', () => {
    expect(read({ compose: COMPOSE, service: 'plain', daemonJson: DAEMON })!.driver).toBe('fluentd');
    expect(read({ compose: COMPOSE, service: 'plain' })!.driver).toBe('json-file');
    expect(read({})).toBeNull();
  });

  it.each([
    [{ compose: COMPOSE }, 'needs `--service`: which of web, plain, needy, syslog'],
    [{ compose: COMPOSE, service: 'wbe' }, 'there is no service "wbe". Did you mean `web`?'],
    [{ compose: COMPOSE, service: 'needy' }, 'needs the variable LOG_DRIVER'],
    [{ compose: COMPOSE, service: 'syslog' }, 'is "syslog"; larsen knows fluentd, json-file'],
    [{ daemonJson: join(root, 'none.json') }, "can't be read"],
    [{ daemonJson: write('list.json', '[1]') }, 'list.json'],
    [{ daemonJson: write('opts.json', '{"log-opts":["a"]}') }, '`log-opts`: a map of texts'],
  ])('%j: %s', (from, text) => {
    expect(() => read(from)).toThrow(expect.objectContaining({ code: 'E_ARGUMENT_SET_UP', exitCode: 254 }));
    expect(() => read(from)).toThrow(text);
  });
});

describe('applySetUp', () => {
  it('replaces the driver of the agent file: what the file leaves out is Docker’s default, not the agent file’s', () => {
    const naive = agent({ driver: { docker: '18.09', async: true, mode: 'non-blocking' }, self: { driver: 'local' } });
    const { driver, self } = applySetUp(naive, read({ compose: COMPOSE, service: 'web' })!);
    expect(driver).toMatchObject({ docker: '18.09', address: 'tcp', async: false, mode: 'blocking' });
    expect(driver.options).toEqual({ 'fluentd-buffer-limit': '1000', mode: 'non-blocking' });
    expect(self.name).toBe('local');
  });

  it('sends the agent’s own output to the daemon’s driver too, unless its file says where it goes', () => {
    const setUp = read({ daemonJson: DAEMON })!;
    expect(applySetUp(agent({}), setUp).self).toMatchObject({ name: 'fluentd', options: { 'fluentd-async': 'true' } });
    expect(applySetUp(agent({ self: { driver: 'json-file' } }), setUp).self.name).toBe('json-file');
    expect(applySetUp(agent({}), read({ compose: COMPOSE, service: 'web' })!).self.name).toBe('json-file');
  });
});
