// Parts of strangers, written from the contract alone: sinks, relays, drivers, apps, shapes, faults and checkers of
// plugins, each in a run of the built command. What they get wrong on purpose must be found at the right hop.

import { afterAll, describe, expect, it } from 'vitest';
import { createScenario, ids, idsIn } from '../testing/outside/scenario.ts';
import { createWorkplace, type Outcome, type Workplace } from '../testing/outside/workplace.ts';

const place: Workplace = createWorkplace();
afterAll(() => place[Symbol.dispose]());

place.bring('agent.mjs', 'sink.mjs', 'relay.mjs', 'driver.mjs', 'apps.mjs', 'teller.mjs', 'door.mjs', 'judges.mjs');
place.write('mine.yaml', 'agent: custom\nprocess: { command: [node, agent.mjs] }\n');
place.write('nobody.yaml', 'agent: none\n');
place.write('any.yaml', createScenario(''));
place.write(
  'shape.ts',
  `import { defineShape, type Larsen } from 'larsen';

interface Told { id: string; seq: number }

export default (_larsen: Larsen) => [
  defineShape({
    name: 'polite',
    line: ({ id, seq }: Told): Uint8Array => new TextEncoder().encode(\`Dear reader, \${id} is my line \${seq}. Yours\`),
  }),
];
`,
);
place.write(
  'larsen.config.yaml',
  'plugins: [./sink.mjs, ./relay.mjs, ./driver.mjs, ./apps.mjs, ./judges.mjs, ./shape.ts]\n',
);

async function run(name: string, scenario: string, ...flags: string[]): Promise<Outcome> {
  place.write(`${name}.yaml`, scenario);
  return place.larsen(
    ['run', `${name}.yaml`, ...(flags.includes('--agent') ? [] : ['--agent', 'mine.yaml']), ...flags],
    name,
  );
}

/** What is found, by class and hop, and where each line of the ledger ended. */
function foundBy(outcome: Outcome): { findings: string[]; places: string[] } {
  const findings = outcome.run().findings.map(({ checker, class: kind, hop }) => `${checker}/${kind} at ${hop}`);
  return { findings, places: [...new Set(outcome.ledger().map(({ account, hop }) => `${account} ${hop}`))] };
}

describe.concurrent('a sink of a plugin', () => {
  it('is valid in place of Loki', async () => {
    const outcome = await run('memory', createScenario('  sink: { type: memory }'));
    expect(outcome.exitCode, outcome.stderr).toBe(0);
    expect(outcome.run()).toMatchObject({ verdict: 'valid', reasons: [], ledger: { total: { storedLines: 450 } } });
  });

  it('that forgets lines is found, with the ids of what it forgot', async () => {
    const outcome = await run(
      'forgetful',
      createScenario(`  sink: { type: forgetful, with: { notes: ${place.path} } }`),
    );
    expect(outcome.exitCode, outcome.stderr).toBe(1);
    expect(foundBy(outcome)).toEqual({ findings: ['parity/lost at sink'], places: ['unaccounted sink'] });
    expect(outcome.ledger().length).toBeGreaterThanOrEqual(4);
    expect(ids(outcome.ledger())).toEqual(idsIn(place.read('forgotten.txt')));
  });

  it('that cannot be read back leaves parity unknown, which a call may let pass', async () => {
    const outcome = await run('one-way', createScenario('  sink: { type: one-way }'));
    expect(outcome.exitCode, outcome.stderr).toBe(2);
    const { checks, reasons } = outcome.run();
    expect(checks.parity!.verdict).toBe('unknown');
    expect(reasons.join()).toMatch(/sink could not be read back/);
    expect(checks['socket-stall']!.verdict).toBe('valid');
    const lenient = await place.larsen(['check', '--only', 'parity', '--fail-on', 'invalid', outcome.inRun('')]);
    expect(lenient.exitCode, lenient.stderr).toBe(0);
  });
});

describe.concurrent('a part of a plugin that fails', () => {
  it.each([
    { what: 'sink', name: 'stillborn', reason: 'The sink stillborn could not be started: no licence' },
    { what: 'sink', name: 'illegible', reason: 'The sink illegible could not be read back (the ink has run)' },
    { what: 'driver', name: 'idle', reason: 'The driver did not open the pipes of app a within 5 s' },
  ])('leaves the run unknown and says why: $reason', async ({ what, name, reason }) => {
    const outcome = await run(name, createScenario(`  ${what}: { type: ${name} }`));
    expect(outcome.exitCode, outcome.stderr).toBe(2);
    expect(outcome.run().reasons[0]).toContain(reason);
  });
});

describe.concurrent('a relay of a plugin', () => {
  it('that drops lines is found, with the ids of what it dropped', async () => {
    const relay = `{ at: agent..sink, type: lossy-gateway, with: { dropShare: 0.02, notes: ${place.path} } }`;
    const outcome = await run('relay', createScenario(`  relays: [ ${relay} ]`));
    expect(outcome.exitCode, outcome.stderr).toBe(1);
    expect(foundBy(outcome)).toEqual({ findings: ['parity/lost at relay'], places: ['unaccounted relay'] });
    expect(outcome.ledger().length).toBeGreaterThanOrEqual(7);
    expect(ids(outcome.ledger())).toEqual(idsIn(place.read('dropped.txt')));
  });
});

describe.concurrent('a driver of a plugin', () => {
  it('stands in for ours', async () => {
    const outcome = await run('forwarder', createScenario('  driver: { type: line-forwarder }'));
    expect(outcome.exitCode, outcome.stderr).toBe(0);
    expect(outcome.run()).toMatchObject({ verdict: 'valid', ledger: { total: { storedLines: 450 } } });
  });

  it('may deliver by itself, without an agent', async () => {
    const topology = '  driver: { type: line-pusher, with: { pushEveryMs: 200 } }';
    const outcome = await run('pusher', createScenario(topology), '--agent', 'nobody.yaml');
    expect(outcome.exitCode, outcome.stderr).toBe(0);
    expect(outcome.run()).toMatchObject({ agent: 'nobody', verdict: 'valid', ledger: { total: { storedLines: 450 } } });
  });
});

const MANY_PARTS = `title: Every kind of part is a stranger's
severity: minor
topology:
  apps:
    told: { type: teller }
    asked: { type: door }
    kind: { type: emitter, shape: polite }
load:
  - { to: told, kind: lines, until: 2s, rate: [ { at: 0s, perSecond: 50 } ] }
  - { to: asked, kind: http, path: '/in/{id}', until: 2s, rate: [ { at: 0s, perSecond: 50 } ] }
  - { to: kind, kind: lines, until: 2s, rate: [ { at: 0s, perSecond: 50 } ] }
`;

describe.concurrent('apps, shapes, faults and checkers of plugins', () => {
  it('work together, and the finding of a checker makes the run invalid', async () => {
    const outcome = await run(
      'strangers',
      `${MANY_PARTS}faults: [ { at: 500ms, for: 1s, fault: hiccup, status: 503 } ]\nexpect: { few-lines: { storedMax: 299 } }\n`,
    );
    const { total, apps } = outcome.run().ledger;
    expect(total).toMatchObject({ dueLines: 300, storedLines: 300, lostLines: 0, neverWrittenLines: 0 });
    expect(Object.values(apps).map(({ storedLines }) => storedLines)).toEqual([100, 100, 100]);
    expect(outcome.exitCode, outcome.stderr).toBe(1);
    expect(foundBy(outcome)).toEqual({ findings: ['few-lines/too-many at sink'], places: [] });
    expect(outcome.run().reasons).toEqual([]);
    expect(outcome.run().findings[0]!.numbers).toEqual({ storedLines: 300, storedEvents: 300 });
    const again = await place.larsen(['check', outcome.inRun('')]);
    expect(again.run().checks).toEqual(outcome.run().checks);
  });

  it('leave the run unknown when a fault has no evidence and when a checker throws', async () => {
    const outcome = await run(
      'ghosts',
      `${MANY_PARTS}faults: [ { at: 500ms, for: 500ms, fault: ghost } ]\nexpect: { broken-judge: {} }\n`,
    );
    expect(outcome.exitCode, outcome.stderr).toBe(2);
    expect(outcome.run().checks['broken-judge']).toMatchObject({ verdict: 'unknown' });
    expect(outcome.run().reasons).toEqual([
      'The fault ghost left no evidence that it bit',
      'The checker broken-judge failed: the judge has a cold',
    ]);
  });
});

describe.concurrent('a plugin that cannot be used', () => {
  it.each([
    {
      part: 'defineShape',
      body: "{ name: 'plain', line: () => new Uint8Array() }",
      says: 'the shape "plain" is built in',
    },
    {
      part: 'defineSink',
      body: "{ name: 'loki', at: 'sink', start: () => undefined }",
      says: 'the sink "loki" is built in',
    },
    {
      part: 'defineDriver',
      body: "{ name: 'fluentd', start: () => undefined }",
      says: 'the driver "fluentd" is built in',
    },
    { part: 'defineApp', body: "{ name: 'x', kind: 'lines' }", says: 'expected `command` of "x" to be a list' },
    { part: 'defineFault', body: "{ name: 'x' }", says: 'expected `inject` of "x" to be a function' },
  ])('is refused before anything runs: $says', async ({ part, body, says }) => {
    const config = `${part}.config.yaml`;
    place.write(`${part}.mjs`, `export default (larsen) => [larsen.${part}(${body})];\n`);
    place.write(config, `plugins: [./${part}.mjs]\n`);
    const outcome = await place.larsen(['run', 'any.yaml', '--config', config], part);
    expect(outcome.exitCode, outcome.stderr).toBe(254);
    expect(outcome.stderr).toContain(`${part}.mjs`);
    expect(outcome.stderr).toContain(says);
  });
});
