// Bad days of the docker engine, for real: each ends with a message that names the trouble, the exit status of the
// contract, and nothing of larsen left behind.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeDocker, TEST_LABEL } from '../../testing/docker.ts';
import { LOCAL_IMAGES, leftovers } from '../../testing/docker-runs.ts';
import { createWorkplace, type Outcome, type Workplace } from '../../testing/outside/workplace.ts';
import { startOwnEngine } from '../../testing/own-engine.ts';
import { freePort } from '../shared/free-ports.ts';
import { createContainer } from './container.ts';
import { openRuntime } from './runtime.ts';

const { loki: LOKI, traefik: TRAEFIK, node: NODE } = LOCAL_IMAGES;
const SCENARIO = (until: string): string => `title: A short load
severity: minor
topology: { apps: { quiet: { type: emitter } } }
load: [{ to: quiet, kind: lines, until: ${until}, rate: [{ at: 0s, perSecond: 50 }] }]
`;
const AGENT = (command: string): string => `agent: custom
image: "${NODE}"
process: { command: ${command}, readyWithin: 2s, drainWithin: 1s }
driver: { docker: "20.10", async: true }
`;

let place: Workplace;
beforeEach(() => {
  place = createWorkplace();
  place.write('short.yaml', SCENARIO('1s'));
  place.write('larsen.config.yaml', `images: { "grafana/loki": "${LOKI}" }\n`);
});
afterEach(() => place[Symbol.dispose]());

const run = (...args: string[]): Promise<Outcome> =>
  place.larsen(['run', 'short.yaml', '--engine', 'docker', '--seed', '7', '--retry-unknown', '0', ...args]);
const said = ({ stdout, stderr }: Outcome): string => `${stdout}${stderr}`.replace(/\s+/g, ' ');

describeDocker('a bad day', [NODE, LOKI, TRAEFIK], () => {
  it('an image that cannot be had', async () => {
    place.write('larsen.config.yaml', 'images: { "grafana/loki": "mirror.invalid/loki:1" }\n');
    const outcome = await run();
    expect(outcome.exitCode).toBe(255);
    expect(said(outcome)).toMatch(/mirror\.invalid\/loki:1 is not here and cannot be pulled.*E_DOCKER_IMAGE/);
    expect(await leftovers()).toEqual([]);
  });

  it('a container that ends at once says what it printed', async () => {
    // It takes no such argument and says so.
    place.write('larsen.config.yaml', `images: { "grafana/loki": "${TRAEFIK}" }\n`);
    const outcome = await run();
    expect(outcome.exitCode).toBe(255);
    expect(said(outcome)).toMatch(
      /loki-\S+ ended with code \d+ before it was ready\. It printed: .*config.*E_DOCKER_CONTAINER/,
    );
    expect(outcome.tookMs).toBeLessThan(20_000);
    expect(await leftovers()).toEqual([]);
  });

  it.each([
    ['ends at once', '[node, -e, "process.exit(3)"]', /Agent \S+ ended before it listened/],
    ['never listens', '[sleep, "60"]', /Agent \S+ did not listen .* within 2000 ms/],
  ])('an agent that %s is unknown, not green', async (_, command, reason) => {
    place.write('mine.yaml', AGENT(command));
    const outcome = await run('--agent', 'mine.yaml');
    expect(outcome.exitCode, said(outcome)).toBe(2);
    expect(outcome.run().verdict).toBe('unknown');
    expect(outcome.run().reasons.join()).toMatch(reason);
    expect(await leftovers()).toEqual([]);
  });

  it('a port that is taken', async () => {
    const port = await freePort();
    const server = createServer().listen(port, '127.0.0.1');
    const container = await createContainer(await openRuntime(), {
      ...{ name: `port-taken-${process.pid}`, Image: NODE, Labels: { [TEST_LABEL]: 'bad-days' } },
      ...{ Cmd: ['sleep', '9'], ExposedPorts: { '80/tcp': {} } },
      HostConfig: { PortBindings: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: `${port}` }] } },
    });
    const refused = container.start();
    await expect(refused).rejects.toMatchObject({
      code: 'E_DOCKER_CONTAINER',
      message: expect.stringContaining('a port is taken: end what listens there'),
    });
    server.close();
    expect(await container.remove()).toBe(true);
  });
});

const isRoot = process.getuid?.() === 0;
const canRestart = isRoot && spawnSync('sh', ['-c', 'command -v dockerd && command -v nsenter']).status === 0;

describeDocker('the engine restarted in the middle of a run', [NODE, LOKI], () => {
  // Never the engine that the other tests and their neighbours use: one of its own, in a network of its own.
  it.skipIf(!canRestart)('is unknown with that reason, and nothing is left', async () => {
    await using engine = await startOwnEngine([NODE, LOKI]);
    place.write('long.yaml', SCENARIO('8s'));
    const running = engine.larsen(place.path, [
      'run',
      'long.yaml',
      '--engine',
      'docker',
      '--seed',
      '7',
      // Else CI tries once more, with the engine that is back.
      '--retry-unknown',
      '0',
      '--out',
      'out',
    ]);
    await engine.waitContainer('quiet-');
    await engine.restart();
    expect(await running).toBe(2);
    const result = JSON.parse(readFileSync(join(place.path, 'out/result.json'), 'utf8')) as {
      runs: { verdict: string; reasons: string[] }[];
    };
    expect(result.runs[0]!.verdict).toBe('unknown');
    expect(result.runs[0]!.reasons.join()).toContain(
      'The Docker engine ended or was restarted in the middle of the run',
    );
    expect(await engine.containers()).toEqual([]);
  });
});
