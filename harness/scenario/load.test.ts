import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { HarnessError } from '../core/errors.ts';
import type { Scenario } from '../model/scenario.ts';
import { createCatalogue } from './catalogue.ts';
import { loadScenario, parseScenario } from './load.ts';
import { parseText } from './read-document.ts';
import { createTestRegistry } from './testing/registry.ts';

const registry = createTestRegistry();
const folder = mkdtempSync(join(tmpdir(), 'larsen-load-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Extra {
  profile?: string;
  over?: Record<string, unknown>;
}

function parse(source: string, extra: Extra = {}): Scenario {
  const { value, locate } = parseText(source, { file: 'x.yaml', kind: 'SCENARIO' });
  return parseScenario(value, { id: 'x', file: 'x.yaml', locate, registry, ...extra });
}

function describeFailure(source: string, extra: Extra = {}): string {
  try {
    parse(source, extra);
  } catch (error) {
    if (error instanceof HarnessError) return `${error.code}\n${error.message}`;
    throw error;
  }
  throw new Error('it was taken for a valid scenario');
}

const MINIMAL = `
title: A test
topology: { apps: { quiet: { type: emitter } } }
load: [ { to: quiet, kind: lines, until: 10s, rate: [ { at: 0s, perSecond: 5 } ] } ]
`;

// The example of the reference page as it stands there.
const CONTRACT = `
title: Ten seconds of viral video fill one flush past Loki's 4 MiB
severity: critical
suite: default                                   # optional
agent: larsen-agent                              # optional default
topology:
  apps:
    web:   { type: traefik, backend: media, shape: traefik-json }        # reverse proxy: one line per completed request
    media: { type: peertube, shape: peertube-2019, writes: queued }
    quiet: { type: emitter, shape: plain }
  relays: [ { at: agent..sink, type: my-gateway, with: { dropShare: 0.01 } } ]
  sink:  { type: loki, version: "3.7", limits: { grpcMessageMax: 4MiB, lineMax: 256KiB, ratePerSecond: 4MiB, burst: 6MiB, streamRatePerSecond: 3MiB, streamBurst: 15MiB, maxStreams: 5000 } }
  driver: { async: true }
  agent: { memoryMax: 256MiB, diskMax: 64MiB }
load:
  - { to: web, kind: http, path: /static/{id}, until: 60s, rate: [ { at: 0s, perSecond: 50 }, { at: 10s, perSecond: 1000 }, { at: 40s, perSecond: 50, ramp: linear } ] }
  - { to: quiet, kind: lines, until: 60s, rate: [ { at: 0s, perSecond: 1 } ], sizes: [ 100B, 16KiB ] }
faults:
  - { at: 15s, for: 10s, fault: sink-status, status: 500, body: resource-exhausted }
expect:
  feedback-loop: { ownBytesPerAppByteMax: 0.01 }
  socket-stall: { writeMax: 1s, httpFailedMaxRatio: 0 }
  parity: { lostMax: 0, rejectedMax: 0, duplicatedMaxRatio: 0.02 }
  recovery: { within: 30s }
profiles: { quick: { load: [ { to: quiet, kind: lines, until: 5s, rate: [ { at: 0s, perSecond: 1 } ] } ], faults: [] }, soak: {} }
`;

describe('parseScenario', () => {
  it('takes the example of the reference page to the letter', () => {
    expect(parse(CONTRACT)).toMatchSnapshot();
  });

  it('fills in defaults by type and version', () => {
    const scenario = parse(`
title: Defaults
topology:
  apps: { web: { type: traefik, backend: media }, media: { type: peertube }, jobs: { type: batch-job } }
  sink: { version: 2019, limits: { burst: 1MiB } }
load: [ { to: web, kind: http, until: 10s, rate: [ { at: 0s, perSecond: 5 } ] } ]
`);
    const { apps, sink } = scenario.topology;
    expect(apps.web).toEqual({
      name: 'web',
      type: 'traefik',
      backend: 'media',
      shape: 'traefik-clf',
      writes: 'blocking',
      with: {},
    });
    expect(apps.media).toMatchObject({ shape: 'peertube-2019', writes: 'queued', backend: null });
    expect(apps.jobs).toMatchObject({ shape: 'plain', writes: 'blocking' });
    expect(sink).toMatchObject({ type: 'loki', version: '2019' });
    expect(sink.limits).toMatchObject({
      grpcMessageMaxBytes: 4_194_304,
      burstBytes: 1_048_576,
      lineMaxBytes: Infinity,
      streamRateBytesPerSecond: Infinity,
    });
    expect(scenario.load[0]).toMatchObject({ path: '/{id}', sizesBytes: [] });
    expect(scenario.limits).toEqual({ preflightMs: 30_000, drainMs: 30_000 });
    expect(Object.keys(scenario.expect)).toEqual(['feedback-loop', 'socket-stall', 'parity']);
  });

  it('merges a profile over: maps go deep, lists are replaced, the rest stays', () => {
    const scenario = parse(CONTRACT, { profile: 'quick' });
    expect(scenario.profile).toBe('quick');
    expect(scenario.load).toHaveLength(1);
    expect(scenario.faults).toEqual([]);
    expect(scenario.topology.apps.web?.type).toBe('traefik');
    const over = parse(MINIMAL, { over: { topology: { driver: { docker: '18.09' } } } });
    expect(over.topology).toMatchObject({ driver: { docker: '18.09' }, apps: { quiet: { type: 'emitter' } } });
  });

  it('takes `full` for the file as it is and refuses an unknown profile', () => {
    expect(parse(CONTRACT, { profile: 'full' }).load).toHaveLength(2);
    expect(describeFailure(CONTRACT, { profile: 'quik' })).toMatchInlineSnapshot(`
      "E_SCENARIO_PROFILE
      x.yaml has no profile "quik". Did you mean \`quick\`? It has quick, soak, full (full: the file as it is)."
    `);
  });

  it('parses parameters by the schema or function of the fault', () => {
    const faults = 'faults: [ { at: 1s, fault: agent-kill, restartAfter: 2s }, { at: 1s, fault: by-hand, level: 3 } ]';
    expect(parse(`${MINIMAL}${faults}`).faults).toEqual([
      { atMs: 1_000, forMs: null, fault: 'agent-kill', params: { signal: 'SIGKILL', restartAfter: 2_000 } },
      { atMs: 1_000, forMs: null, fault: 'by-hand', params: { level: 3 } },
    ]);
  });
});

describe('messages of parseScenario', () => {
  it('names file, line, key, expectation, value and the nearest key, all problems together', () => {
    expect(
      describeFailure(`
title: Bad
severity: critcal
topology:
  apps:
    web: { type: traefik, writes: blockng }
    a_b: { type: emitter }
  sink: { limits: { grpcMesageMax: 4MiB, burst: 6 } }
  driver: { docker: 20.10, options: { fluentd-request-ack: true } }
load:
  - { to: web, kind: http, path: /static/{id}, until: 60, rate: [ ] }
extra: 1
`),
    ).toMatchSnapshot();
  });

  it('names what several keys contradict', () => {
    expect(
      describeFailure(`
title: Bad
topology:
  apps:
    web: { type: traefik, backend: media, shape: traefik-jsn }
    media: { type: traefik, backend: web }
    q: { type: emiter }
    r: { type: emitter, backend: web }
    s: { type: traefik, backend: r }
  sink: { type: lokki }
  relays: [ { at: agent..sink, type: my-gatway } ]
  driver: { type: my-drivr }
load:
  - { to: wbe, kind: http, path: /static/id, until: 60s, rate: [ { at: 0s, perSecond: 50 }, { at: 0s, perSecond: 5 }, { at: 90s, perSecond: 50 } ] }
  - { to: r, kind: http, sizes: [ 1KiB ], until: 60s, rate: [ { at: 0s, perSecond: 50 } ] }
  - { to: r, kind: lines, path: /x, until: 60s, rate: [ { at: 0s, perSecond: 50 } ] }
faults:
  - { at: 1s, fault: sink-status, status: 5000, latncy: 3 }
  - { at: 1s, fault: sink-staus }
  - { at: 1s, fault: disk-full, bytes: 1 }
  - { at: 85s, fault: by-hand }
`),
    ).toMatchSnapshot();
    expect(
      describeFailure(`${MINIMAL}
expect: { party: {}, privacy: {}, parity: { lostMx: 0 }, recovery: { within: 3 } }
controls: [ { agent: x, finds: [ parity/lst, parity, prity/lost ] } ]
`),
    ).toMatchSnapshot();
  });

  it('takes a hop after the class of a control’s finding, and nothing else for one', () => {
    const control = (name: string): string => `${MINIMAL}controls: [ { agent: x, finds: [ "${name}" ] } ]`;
    for (const name of ['parity/lost@agent', 'parity/lost@driver..agent'])
      expect(parse(control(name)).controls[0]!.finds).toEqual([name]);
    expect(describeFailure(control('parity/lost@agnt'))).toContain('Did you mean `agent`?');
    for (const name of ['parity/lost@', 'parity/lost@agent@sink', 'parity/lost@app..driver..agent'])
      expect(describeFailure(control(name))).toContain('expected checker/class@hop');
    expect(describeFailure(control('parity/lst@agent'))).toContain('Did you mean `lost`?');
  });

  it('refuses two fronts on one backend, since its lines would be numbered twice, but not two loads on one front', () => {
    const load = (to: string): string => `{ to: ${to}, kind: http, until: 9s, rate: [ { at: 0s, perSecond: 1 } ] }`;
    const apps = '{ a: { type: traefik, backend: m }, b: { type: traefik, backend: m }, m: { type: peertube } }';
    const scenario = (...fronts: string[]): string =>
      `title: x\ntopology: { apps: ${apps} }\nload: [ ${fronts.map(load).join(', ')} ]`;
    expect(parse(scenario('a', 'a')).load).toHaveLength(2);
    expect(describeFailure(scenario('a', 'b'))).toContain('load[1].to: `m` gets lines through `a` already');
    expect(describeFailure(scenario('m', 'b'))).toContain('load[1].to: `m` gets lines through `m` already');
  });

  it('tells a problem of a profile or control where it stands', () => {
    expect(
      describeFailure(
        `${MINIMAL}profiles: { quick: { load: [ { to: quiet, kind: lines, until: 0s, rate: [] } ], topolgy: 1 } }`,
      ),
    ).toMatchInlineSnapshot(`
      "E_SCENARIO_INVALID
      x.yaml has 3 problems:
        line 5, profiles.quick.load[0].until: expected a duration longer than 0s, got "0s" (text)
        line 5, profiles.quick.load[0].rate: expected at least one point, such as { at: 0s, perSecond: 50 }, got an empty list
        line 5, profiles.quick.topolgy: not a known key. Did you mean \`topology\`? Known here: title, description, severity, suite, agent, topology, load, faults, expect, controls, limits, profiles."
    `);
    expect(
      describeFailure(`${MINIMAL}controls: [ { agent: a, with: { faults: [ { at: 99s, fault: sink-down } ] } } ]`),
    ).toContain('controls[0].with.faults[0].at');
    expect(describeFailure(`${MINIMAL}profiles: { a: { profiles: {} } }`)).toContain(
      'profiles.a.profiles: profiles stand at the top of the file only',
    );
  });

  it('tells an agent file from a scenario file', () => {
    expect(describeFailure('agent: custom\nprocess: { command: [x] }')).toContain('It looks like an agent file.');
  });

  it('says what is missing of an empty file', () => {
    expect(describeFailure('')).toMatchInlineSnapshot(`
      "E_SCENARIO_INVALID
      x.yaml: expected a map, got nothing (null)"
    `);
  });
});

describe('loadScenario', () => {
  it('finds agents named by a relative path beside the scenario file', () => {
    mkdirSync(join(folder, 'deep'));
    const file = join(folder, 'deep', 'mine.yaml');
    writeFileSync(
      file,
      `${MINIMAL}agent: ../my-agent.yaml\ncontrols: [ { agent: ./c.yaml }, { agent: larsen-agent } ]\n`,
    );
    const catalogue = createCatalogue({ builtIn: join(folder, 'none'), scenarioFolders: [folder] });
    const scenario = loadScenario('mine', { catalogue, registry });
    expect(scenario).toMatchObject({ id: 'deep/mine', file, agent: join(folder, 'my-agent.yaml') });
    expect(scenario.controls.map(({ agent }) => agent)).toEqual([join(folder, 'deep', 'c.yaml'), 'larsen-agent']);
  });
});
