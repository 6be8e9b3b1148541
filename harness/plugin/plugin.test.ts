import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { HarnessError } from '../core/errors.ts';
import { createTestRegistry } from '../scenario/testing/registry.ts';
import { larsen } from './api.ts';
import { readPartKind } from './define.ts';
import { loadConfig } from './load-config.ts';
import { loadPlugins } from './load-plugins.ts';
import { createRegistry, type Registry } from './registry.ts';
import { openWorkspace } from './workspace.ts';

// A folder without node_modules above it: a plugin there can resolve nothing by itself.
const folder = mkdtempSync(join(tmpdir(), 'larsen-plugin-'));
afterAll(() => rmSync(folder, { recursive: true }));
let fileCount = 0;

function write(text: string, extension = 'mjs'): string {
  const file = join(folder, `plugin-${fileCount++}.${extension}`);
  writeFileSync(file, text);
  return file;
}

async function describeFailure(attempt: () => unknown): Promise<string> {
  try {
    await attempt();
  } catch (error) {
    if (error instanceof HarnessError)
      return `${error.code}: ${error.message}`.replaceAll(folder, '.').replaceAll(/plugin-\d+/g, 'plugin');
    throw error;
  }
  throw new Error('nothing was thrown');
}

function createRegistryForTest(): Registry {
  const { faults, checkers, shapes } = createTestRegistry();
  return createRegistry({
    faults: [...faults.values()],
    checkers: [...checkers.values()],
    shapes: [...shapes.values()],
  });
}

const FAULT = `{
  name: 'slow-disk', hop: 'agent', engines: ['process'], params: z.strictObject({ ms: z.number() }),
  inject() {}, heal() {}, bit: () => [],
}`;

describe('loadPlugins', () => {
  it.each([
    [
      'mjs',
      'the argument',
      `export default (larsen) => { const z = larsen.z; return [larsen.defineFault(${FAULT})]; };`,
    ],
    [
      'mjs',
      "import 'larsen'",
      `import { defineFault, z } from 'larsen';\nexport default () => [defineFault(${FAULT})];`,
    ],
    [
      'ts',
      "import 'larsen' and types",
      `import { defineFault, z } from 'larsen';\nimport type { Larsen } from 'larsen';\nenum Size { Small }\nexport default (larsen: Larsen) => [defineFault(${FAULT}), larsen.defineShape({ name: 'mine', line: ({ id }: { id: string }) => Buffer.from(id + Size.Small) })];`,
    ],
  ])('loads .%s with %s', async (extension, _, text) => {
    const registry = createRegistryForTest();
    const file = write(text, extension);
    await loadPlugins(registry, [file]);
    const fault = registry.faults.get('slow-disk')!;
    expect((fault.params as z.ZodType).parse({ ms: 3 })).toEqual({ ms: 3 });
    expect(fault.params).toBeInstanceOf(z.ZodType);
    expect(registry.pluginFiles).toEqual([file]);
  });

  it('loads an async plugin and one that imports a file beside it', async () => {
    const helper = write('export const name = "from-helper";');
    const file = write(
      `import { name } from './${helper.slice(folder.length + 1)}';\nexport default async (larsen) => [larsen.defineShape({ name, line: () => Buffer.alloc(0) })];`,
    );
    const registry = createRegistryForTest();
    await loadPlugins(registry, [file]);
    expect(registry.shapes.has('from-helper')).toBe(true);
  });

  it('tells what is wrong with a plugin', async () => {
    const load = (text: string, extension?: string) =>
      describeFailure(() => loadPlugins(createRegistryForTest(), [write(text, extension)]));
    const shape = (name: string): string => `larsen.defineShape({ name: '${name}', line: () => Buffer.alloc(0) })`;
    expect(
      [
        await load(`export default (larsen) => [${shape('plain')}];`),
        await load("export default (larsen) => [larsen.defineSink({ name: 'loki', at: 'sink', start() {} })];"),
        await load("export default (larsen) => [larsen.defineApp({ name: 'traefik', kind: 'http', command: ['x'] })];"),
        await load(`export default (larsen) => [${shape('one')}, ${shape('one')}];`),
        await load('export default () => [{ name: "x" }];'),
        await load('export default () => ({});'),
        await load('export default [];'),
        await load('export const x = 1;'),
        await load('export default () => { throw new Error("out of luck"); };'),
        await load(
          "export default (larsen) => [larsen.defineFault({ name: 'x', hop: 'agent', engines: ['process'], inject() {}, heal() {} })];",
        ),
        await load("import 'no-such-package';\nexport default () => [];").then((text) => text.split('\n')[0]!),
        await load('export default () => [', 'ts').then((text) => text.split(':').slice(0, 2).join(':')),
        await load('', 'txt'),
        await describeFailure(() => loadPlugins(createRegistryForTest(), [join(folder, 'none.mjs')])),
      ].join('\n'),
    ).toMatchSnapshot();
  });
});

describe('the define calls', () => {
  const fault = {
    name: 'x',
    hop: 'agent',
    engines: ['process' as const],
    params: (raw: unknown) => raw,
    inject: () => undefined,
    heal: () => undefined,
    bit: () => [],
  };

  it('return the same object, tagged with its kind, also when it is frozen', () => {
    expect(larsen.defineFault(fault)).toBe(fault);
    expect(readPartKind(fault)).toBe('fault');
    expect(readPartKind(larsen.defineFault(Object.freeze({ ...fault })))).toBe('fault');
    expect(Object.keys(fault)).not.toContain('larsen.part-kind');
  });

  it.each([
    ['a missing name', { ...fault, name: undefined }],
    ['a name with blanks', { ...fault, name: 'my fault' }],
    ['a missing function', { ...fault, bit: undefined }],
    ['an unknown hop', { ...fault, hop: 'cloud' }],
    ['an unknown engine', { ...fault, engines: ['moon'] }],
    ['engines that are no list', { ...fault, engines: 'process' }],
    ['params that parse nothing', { ...fault, params: {} }],
    ['nothing', undefined],
  ])('refuse %s', async (_, definition) => {
    expect(await describeFailure(() => larsen.defineFault(definition as never))).toMatch(
      /^E_PLUGIN_PART: defineFault: expected .+, got .+/,
    );
  });

  it('check the other kinds too', async () => {
    const failures = [
      () => larsen.defineApp({ name: 'x', kind: 'tcp' as never, command: ['x'] }),
      () => larsen.defineApp({ name: 'x', kind: 'http', command: [] }),
      () => larsen.defineSink({ name: 'x', at: 'somewhere' as never, start: () => Promise.reject(new Error()) }),
      () => larsen.defineDriver({ name: 'x' } as never),
      () => larsen.defineChecker({ name: 'x', params: (raw: unknown) => raw } as never),
      () => larsen.defineShape({ name: 'x', line: 'y' } as never),
    ];
    for (const attempt of failures) expect(await describeFailure(attempt)).toContain('E_PLUGIN_PART');
  });

  it('defineScenario returns what it is given, typed', () => {
    const scenario = { title: 'x', topology: { apps: { q: { type: 'emitter' } } }, load: [] };
    expect(larsen.defineScenario(scenario)).toBe(scenario);
  });
});

describe('loadConfig', () => {
  const inFolder = (files: Record<string, string>): string => {
    const cwd = mkdtempSync(join(folder, 'config-'));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text);
    return cwd;
  };

  it('takes the example of the reference page from YAML and from modules', async () => {
    const text = `{ plugins: [./my-plugin.mjs], scenarios: [./dir], agents: [./dir], images: { "grafana/loki": "mirror/loki:3.7.8" }, accept: [ { finding: "parity/lost", agent: a, until: 2027-01-31, why: text } ] }`;
    const code = text
      .replace('until: 2027-01-31', "until: '2027-01-31'")
      .replaceAll(/(?<=\[)\.[^\]]+/g, "'$&'")
      .replace('agent: a', "agent: 'a'")
      .replace('why: text', "why: 'text'");
    for (const [name, source] of [
      ['larsen.config.yaml', text],
      ['larsen.config.mjs', `export default ${code};`],
      ['larsen.config.ts', `const config: object = ${code};\nexport default config;`],
    ] as const) {
      const cwd = inFolder({ [name]: source });
      expect(await loadConfig({ configFile: null, cwd })).toEqual({
        file: join(cwd, name),
        plugins: [join(cwd, 'my-plugin.mjs')],
        scenarios: [join(cwd, 'dir')],
        agents: [join(cwd, 'dir')],
        images: { 'grafana/loki': 'mirror/loki:3.7.8' },
        accept: [{ finding: 'parity/lost', agent: 'a', until: '2027-01-31', why: 'text' }],
      });
    }
  });

  it('is empty where there is none, and follows --config', async () => {
    expect(await loadConfig({ configFile: null, cwd: inFolder({}) })).toMatchObject({
      file: null,
      plugins: [],
      accept: [],
    });
    const cwd = inFolder({ 'other.yaml': 'scenarios: [ x ]' });
    expect((await loadConfig({ configFile: 'other.yaml', cwd })).scenarios).toEqual([join(cwd, 'x')]);
  });

  it('tells what is wrong with a config', async () => {
    const load = (files: Record<string, string>, configFile: string | null = null) =>
      describeFailure(() => loadConfig({ configFile, cwd: inFolder(files) })).then((text) =>
        text.replaceAll(/config-\w+/g, 'here'),
      );
    expect(
      [
        await load({ 'larsen.config.yaml': 'plugin: [x]\naccept: [ { finding: lost, until: 2027-02-30, why: x } ]' }),
        await load({ 'larsen.config.yaml': '', 'larsen.config.mjs': 'export default {};' }),
        await load({}, 'none.yaml'),
        await load({}, 'none.mjs'),
        await load({ 'larsen.config.mjs': 'export const x = 1;' }),
      ].join('\n'),
    ).toMatchSnapshot();
  });
});

describe('openWorkspace', () => {
  it('joins config, registry and catalogue, and checks accepted findings by the registry', async () => {
    const cwd = mkdtempSync(join(folder, 'workspace-'));
    const open = () =>
      openWorkspace({
        configFile: null,
        cwd,
        loadRegistry: async (files) => {
          const registry = createRegistryForTest();
          await loadPlugins(registry, files);
          return registry;
        },
      });
    writeFileSync(
      join(cwd, 'plugin.mjs'),
      "export default (larsen) => [larsen.defineChecker({ name: 'mine', params: larsen.z.strictObject({}), check() {} })];",
    );
    writeFileSync(
      join(cwd, 'larsen.config.yaml'),
      'plugins: [./plugin.mjs]\naccept: [ { finding: mine/odd, until: 2027-01-31, why: x } ]',
    );
    expect((await open()).registry.checkers.has('mine')).toBe(true);
    writeFileSync(join(cwd, 'larsen.config.yaml'), 'accept: [ { finding: mine/odd, until: 2027-01-31, why: x } ]');
    expect(await describeFailure(open)).toContain('there is no checker "mine"');
  });
});
