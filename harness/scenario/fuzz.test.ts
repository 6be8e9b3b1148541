import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HarnessError } from '../core/errors.ts';
import { parseScenario } from './load.ts';
import { parseAgent } from './load-agent.ts';
import { parseText } from './read-document.ts';
import { createTestRegistry } from './testing/registry.ts';

const registry = createTestRegistry();
const KEYS = [
  'title',
  'severity',
  'topology',
  'apps',
  'web',
  'type',
  'backend',
  'shape',
  'load',
  'to',
  'kind',
  'path',
  'until',
  'rate',
  'at',
  'perSecond',
  'faults',
  'for',
  'fault',
  'status',
  'expect',
  'parity',
  'profiles',
  'quick',
  'controls',
  'agent',
  'with',
  'finds',
  'sink',
  'limits',
  'driver',
  'self',
  'process',
  'command',
  'env',
  'line',
  'json',
  'health',
  '__proto__',
  'constructor',
  'toString',
  '',
];
const WORDS = [
  'traefik',
  'emitter',
  'web',
  'plain',
  'http',
  'lines',
  '10s',
  '0s',
  '-1s',
  '4MiB',
  '/{id}',
  'sink-status',
  'by-hand',
  'parity/lost',
  'fluentd',
  'custom',
  'constructor',
  '__proto__',
  '20.10',
  'auto',
];

const leaf = fc.oneof(
  fc.constantFrom(...WORDS),
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.string(),
);
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...KEYS), tie('tree'), { maxKeys: 6 }),
  ),
}));

/** A valid scenario with one value somewhere in it replaced by anything. */
const mutated = fc.tuple(fc.nat(), tree).map(([at, value]) => {
  const scenario: unknown = {
    title: 'x',
    topology: {
      apps: { web: { type: 'traefik', backend: 'media', with: {} }, media: { type: 'peertube' } },
      sink: { limits: { burst: '1MiB' } },
      driver: { async: true },
    },
    load: [{ to: 'web', kind: 'http', path: '/{id}', until: '10s', rate: [{ at: '0s', perSecond: 5 }] }],
    faults: [{ at: '1s', for: '1s', fault: 'sink-status', status: 500 }],
    expect: { parity: { lostMax: 0 } },
    profiles: { quick: { load: [{ to: 'media', kind: 'http', until: '1s', rate: [{ at: '0s', perSecond: 5 }] }] } },
    controls: [{ agent: 'x', with: { faults: [] }, finds: ['parity/lost'] }],
  };
  const places: { holder: Record<string, unknown>; key: string }[] = [];
  const collect = (holder: unknown): void => {
    for (const [key, inner] of Object.entries(holder as Record<string, unknown>)) {
      places.push({ holder: holder as Record<string, unknown>, key });
      if (inner !== null && typeof inner === 'object') collect(inner);
    }
  };
  collect(scenario);
  const { holder, key } = places[at % places.length]!;
  holder[key] = value;
  return scenario;
});

function expectWholeOrTold(attempt: () => unknown): void {
  try {
    attempt();
  } catch (error) {
    expect(error).toBeInstanceOf(HarnessError);
    expect((error as HarnessError).exitCode).toBe(254);
    expect((error as HarnessError).message.length).toBeGreaterThan(10);
  }
}

describe('whatever a file holds', () => {
  it('a scenario is whole or told', () => {
    fc.assert(
      fc.property(fc.oneof(tree, mutated), fc.constantFrom(null, 'quick', '__proto__'), (raw, profile) =>
        expectWholeOrTold(() => parseScenario(raw, { id: 'x', file: 'x.yaml', registry, profile })),
      ),
      { numRuns: 1_000 },
    );
  });

  it('an agent is whole or told', () => {
    fc.assert(
      fc.property(tree, (raw) => expectWholeOrTold(() => parseAgent(raw, { file: 'x.yaml' }))),
      { numRuns: 500 },
    );
  });

  it('any bytes are a scenario or an error that is told', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary', maxLength: 200 }),
          mutated.map((raw) => JSON.stringify(raw)),
        ),
        (source) =>
          expectWholeOrTold(() => {
            const { value, locate } = parseText(source, { file: 'x.yaml', kind: 'SCENARIO' });
            parseScenario(value, { id: 'x', file: 'x.yaml', registry, locate });
          }),
      ),
      { numRuns: 500 },
    );
  });

  it('an unharmed scenario is taken', () => {
    // Without this the properties above would hold for a parser that refuses everything.
    const raw = {
      title: 'x',
      topology: { apps: { q: { type: 'emitter' } } },
      load: [{ to: 'q', kind: 'lines', until: '1s', rate: [{ at: '0s', perSecond: 1 }] }],
    };
    expect(parseScenario(raw, { id: 'x', file: 'x.yaml', registry }).title).toBe('x');
  });
});
