// What is promised to writers of plugins, sentence by sentence, as far as it can be checked without a run. The plugins
// are files in a folder from which larsen can't be resolved, written as someone would who knows the promise alone.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { HarnessError } from '../core/errors.ts';
import { loadRegistry } from '../engine/built-ins.ts';
import { createFakeWorld } from '../fault/testing/fake-world.ts';
import * as library from '../index.ts';
import { EVENT_KINDS } from '../model/event.ts';
import { BUILT_IN_APPS } from '../scenario/app-kinds.ts';
import { DRIVER_NAMES } from '../scenario/driver-schema.ts';
import { parseScenario } from '../scenario/load.ts';
import { parseAgent } from '../scenario/load-agent.ts';
import { readPartKind } from './define.ts';
import { loadConfig } from './load-config.ts';
import type { Registry } from './registry.ts';

const folder = mkdtempSync(join(tmpdir(), 'larsen-contract-'));
afterAll(() => rmSync(folder, { recursive: true }));
let fileCount = 0;

function write(text: string, extension = 'mjs'): string {
  const file = join(folder, `plugin-${fileCount++}.${extension}`);
  writeFileSync(file, text);
  return file;
}

const load = (text: string, extension?: string): Promise<Registry> => loadRegistry([write(text, extension)]);
const codeOf = (attempt: Promise<unknown>): Promise<string> =>
  attempt.then(
    () => 'nothing was thrown',
    (error: unknown) => (error instanceof HarnessError ? error.code : String(error)),
  );

/** One of each kind, with no member that the promise calls optional. */
const MINIMAL = {
  fault: `larsen.defineFault({ name: 'NAME', hop: 'sink', engines: ['process'], params: (raw) => raw, inject(world, p) {}, heal(world, p) {}, bit(history, window) { return []; } })`,
  checker: `larsen.defineChecker({ name: 'NAME', params: (raw) => raw, check({ history, ledger, params, run }) { return { verdict: 'valid', numbers: {}, reasons: [], findings: [] }; } })`,
  shape: `larsen.defineShape({ name: 'NAME', line({ id, seq, dueMs, random }) { return new TextEncoder().encode(id); } })`,
  app: `larsen.defineApp({ name: 'NAME', kind: 'lines', command: ['node', 'app.mjs'] })`,
  sink: `larsen.defineSink({ name: 'NAME', at: 'sink', async start({ port }) { return { url: 'tcp://127.0.0.1:' + port, async [Symbol.asyncDispose]() {} }; } })`,
  driver: `larsen.defineDriver({ name: 'NAME', async start({ apps, forwardUrl }) { return { async [Symbol.asyncDispose]() {} }; } })`,
} as const;
type Kind = keyof typeof MINIMAL;
const KINDS = Object.keys(MINIMAL) as Kind[];
const part = (kind: Kind, name: string): string => MINIMAL[kind].replace('NAME', name);
const builtIn = await loadRegistry([]);
const mapOf = (registry: Registry, kind: Kind): ReadonlyMap<string, unknown> => registry[`${kind}s`];

describe('a plugin', () => {
  it('lies where our package can’t be resolved', () => {
    expect(() => createRequire(join(folder, 'x.mjs')).resolve('larsen')).toThrow('Cannot find module');
    for (let above = folder; above !== '/'; above = join(above, '..'))
      expect(existsSync(join(above, 'node_modules/larsen'))).toBe(false);
  });

  it.each(['mjs', 'ts'])(
    '.%s: its default export is a function from larsen to an array of what the calls make',
    async (extension) => {
      const parts = KINDS.map((kind) => part(kind, `my-${kind}`)).join(',\n');
      const registry = await load(
        `export default (larsen${extension === 'ts' ? ': any' : ''}) => [${parts}];`,
        extension,
      );
      for (const kind of KINDS) {
        expect(mapOf(registry, kind).size).toBe(mapOf(builtIn, kind).size + 1);
        expect(readPartKind(mapOf(registry, kind).get(`my-${kind}`))).toBe(kind);
      }
    },
  );

  it.each(['mjs', 'ts'])('.%s: import of larsen gives the argument, and every call as a name', async (extension) => {
    const names = ['defineFault', 'defineChecker', 'defineShape', 'defineApp', 'defineSink', 'defineDriver'];
    const registry = await load(
      `import { ${names.join(', ')}, defineScenario, z } from 'larsen';
import * as all from 'larsen';
export default (larsen${extension === 'ts' ? ': any' : ''}) => {
  for (const name of ${JSON.stringify(names)}) if (all[name] !== larsen[name]) throw new Error(name);
  if (z !== larsen.z || defineScenario !== larsen.defineScenario) throw new Error('z');
  return [defineShape({ name: 'mine', line: ({ id }${extension === 'ts' ? ': { id: string }' : ''}) => Buffer.from(id) })];
};`,
      extension,
    );
    expect(registry.shapes.has('mine')).toBe(true);
  });

  it('gets the values that the package exports, so both ways agree', async () => {
    const registry = await load(
      `import * as all from 'larsen';
import fallback, { HarnessError, larsen as same } from 'larsen';
export default (larsen) => {
  if (fallback !== larsen || same !== larsen) throw new Error('not the argument');
  if (!(new HarnessError('E_MINE', 'x') instanceof Error)) throw new Error('no error');
  return [larsen.defineChecker({ name: 'names', params: () => Object.keys(all), check() {} })];
};`,
    );
    const names = (registry.checkers.get('names')!.params as (raw: unknown) => string[])({});
    expect(names.sort()).toEqual([...Object.keys(library), 'default'].sort());
  });

  it.each([
    ['an object', 'export default (larsen) => ({});'],
    ['one part', `export default (larsen) => ${part('shape', 'mine')};`],
    ['nothing', 'export default (larsen) => {};'],
    ['an array in place of a function', 'export default [];'],
  ])('that gives %s is refused', async (_, text) => {
    expect(await codeOf(load(text))).toBe('E_PLUGIN_LOAD');
  });

  it.each(['js', 'cjs', 'mts', 'yaml'])('is .mjs or .ts, not .%s', async (extension) => {
    expect(await codeOf(load('export default () => [];', extension))).toBe('E_PLUGIN_LOAD');
  });
});

describe('a name', () => {
  const names: Record<Kind, string[]> = {
    fault: [...builtIn.faults.keys()],
    checker: [...builtIn.checkers.keys()],
    shape: [...builtIn.shapes.keys()],
    app: Object.keys(BUILT_IN_APPS),
    sink: ['loki'],
    driver: [...DRIVER_NAMES],
  };

  it.each(KINDS)('that shadows a built-in %s is an error', async (kind) => {
    expect(names[kind].length).toBeGreaterThan(0);
    for (const name of names[kind])
      expect([name, await codeOf(load(`export default (larsen) => [${part(kind, name)}];`))]).toEqual([
        name,
        'E_PLUGIN_SHADOW',
      ]);
  });

  it('may be that of a part of another kind', async () => {
    const registry = await load(`export default (larsen) => [${KINDS.map((kind) => part(kind, 'mine')).join()}];`);
    for (const kind of KINDS) expect(mapOf(registry, kind).has('mine')).toBe(true);
  });

  it.each(KINDS)('of a %s that two plugins bring is an error', async (kind) => {
    const files = [write(`export default (larsen) => [${part(kind, 'mine')}];`)];
    files.push(write(`export default (larsen) => [${part(kind, 'mine')}];`));
    expect(await codeOf(loadRegistry(files))).toBe('E_PLUGIN_TWICE');
  });
});

it('what is built in is made with the same calls', () => {
  for (const kind of ['fault', 'checker', 'shape'] as const) {
    expect(mapOf(builtIn, kind).size).toBeGreaterThan(0);
    for (const [name, definition] of mapOf(builtIn, kind))
      expect([name, readPartKind(definition)]).toEqual([name, kind]);
  }
});

describe('params', () => {
  const params = {
    'a zod schema': 'larsen.z.strictObject({ every: larsen.z.int().min(1) })',
    'a function': `(raw) => { if (!Number.isInteger(raw.every)) throw new Error('every: expected an integer'); return { every: raw.every }; }`,
  };
  const scenario = (every: unknown): object => ({
    title: 'x',
    topology: { apps: { quiet: { type: 'emitter' } } },
    load: [{ to: 'quiet', kind: 'lines', until: '2s', rate: [{ at: '0s', perSecond: 1 }] }],
    faults: [{ at: '1s', fault: 'mine', every }],
    expect: { rule: { every } },
  });

  it.each(Object.entries(params))(
    'as %s are read with the scenario, and a wrong one is told by name',
    async (_, text) => {
      const registry = await load(`export default (larsen) => [
  larsen.defineFault({ name: 'mine', hop: 'sink', engines: ['process'], params: ${text}, inject() {}, heal() {}, bit: () => [] }),
  larsen.defineChecker({ name: 'rule', params: ${text}, check: () => ({ verdict: 'valid', numbers: {}, reasons: [], findings: [] }) }),
];`);
      const parse = (every: unknown) =>
        parseScenario(scenario(every), { id: 'x', file: join(folder, 'x.yaml'), registry });
      expect(parse(2).faults[0]).toMatchObject({ fault: 'mine', params: { every: 2 } });
      expect(() => parse('often')).toThrow(/faults\[0\][\s\S]*expect\.rule/);
    },
  );

  it('a fault without params is refused, as a part from no call is', async () => {
    const without = part('fault', 'mine').replace('params: (raw) => raw, ', '');
    expect(await codeOf(load(`export default (larsen) => [${without}];`))).toBe('E_PLUGIN_PART');
    expect(await codeOf(load(`export default () => [{ name: 'mine', line() {} }];`))).toBe('E_PLUGIN_PART');
  });
});

describe('the members', () => {
  it.each([
    ['fault', ['name', 'hop', 'engines', 'inject', 'heal', 'bit']],
    ['checker', ['name', 'check']],
    ['shape', ['name', 'line']],
    ['app', ['name', 'kind', 'command']],
    ['sink', ['name', 'at', 'start']],
    ['driver', ['name', 'start']],
  ] as const)('of a %s are told by name where they are missing', async (kind, members) => {
    for (const member of members) {
      const text = `export default (larsen) => { const whole = {}; const take = (value) => Object.assign(whole, value);
  const same = Object.fromEntries(Object.keys(larsen).map((name) => [name, take])); const make = (larsen) => ${part(kind, 'mine')};
  make(same); delete whole.${member}; return [larsen.define${kind[0]!.toUpperCase()}${kind.slice(1)}(whole)]; };`;
      const failure = await load(text).catch((error: unknown) => String(error));
      expect([member, failure]).toEqual([member, expect.stringContaining(`expected \`${member}\``)]);
    }
  });

  it('a sink stands at the sink or is a relay, with or without readBack; hops may be a range', async () => {
    const registry = await load(`export default (larsen) => [
  ${part('sink', 'far')}, ${part('sink', 'near').replace("at: 'sink'", "at: 'relay'")},
  larsen.defineSink({ name: 'told', at: 'sink', start() {}, async *readBack({ fromNs, toNs }) {} }),
  ${part('fault', 'between').replace("hop: 'sink'", "hop: 'driver..agent'")},
];`);
    expect([...registry.sinks.values()].map(({ name, at }) => [name, at])).toEqual(
      expect.arrayContaining([
        ['far', 'sink'],
        ['near', 'relay'],
        ['told', 'sink'],
      ]),
    );
  });
});

type Call = (...args: never[]) => unknown;

/** What is promised to faults; the type check fails where the world has less. */
interface PromisedWorld {
  agent: Record<'pid' | 'signal' | 'stop' | 'start', Call>;
  driver: Record<'restart' | 'control', Call>;
  sink: Record<'script' | 'stop' | 'start' | 'control', Call>;
  relays: Record<string, Record<'control', Call>>;
  apps: Record<string, Record<'pid' | 'signal' | 'stop' | 'start', Call>>;
  hop(from: 'agent', to: 'sink'): Record<'reset' | 'stall' | 'blackhole' | 'delay', Call>;
  mark(kind: string, data: Record<string, unknown>): `history#${number}`;
  signal: AbortSignal;
}

it('the world has what is promised to faults', () => {
  const { world } = createFakeWorld();
  const promised: PromisedWorld = world;
  const { apps: _apps, relays: _relays, ...members } = promised;
  expect(Object.keys(world)).toEqual(expect.arrayContaining(Object.keys(members)));
  expect(promised.mark('mine', {})).toMatch(/^history#\d+$/);
});

it('the kinds of events are these', () => {
  expect(EVENT_KINDS.join(' ')).toBe(
    'phase planned write-begin write-end driver-read driver-dropped driver-sent agent-own push stored fault-injected fault-bit fault-healed process probe harness',
  );
});

it('an agent file with `agent: none` has no agent', () => {
  expect(parseAgent({ agent: 'none' }, { file: join(folder, 'none.yaml') }).agent).toBe('none');
});

it.each(['mjs', 'ts', 'yaml'])(
  'larsen.config.%s in the working directory names the plugins beside it',
  async (extension) => {
    const cwd = mkdtempSync(join(folder, 'cwd-'));
    const text = "{ plugins: ['./mine.mjs'] }";
    writeFileSync(join(cwd, `larsen.config.${extension}`), extension === 'yaml' ? text : `export default ${text};`);
    writeFileSync(join(cwd, 'mine.mjs'), `export default (larsen) => [${part('shape', 'mine')}];`);
    const { plugins } = await loadConfig({ configFile: null, cwd });
    expect((await loadRegistry(plugins)).shapes.has('mine')).toBe(true);
  },
);

it('the guide names every call', () => {
  const guide = readFileSync(join(import.meta.dirname, '../../docs/extending.md'), 'utf8');
  for (const name of Object.keys(library).filter((name) => name.startsWith('define'))) expect(guide).toContain(name);
});
