// The modules of docs/extending.md are loaded as a user would load them, and do what the page says of them.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { loadRegistry } from '../engine/built-ins.ts';
import { createFakeWorld } from '../fault/testing/fake-world.ts';
import { createLedgerTotals, type Ledger } from '../model/ledger.ts';
import type { CheckerDefinition, FaultDefinition } from '../model/parts.ts';
import type { RunFacts } from '../model/run.ts';
import { loadConfig } from '../plugin/load-config.ts';
import { parseScenario } from '../scenario/load.ts';
import { parseAgent } from '../scenario/load-agent.ts';
import { readDocument } from '../scenario/read-document.ts';
import { createHistory } from './create-history.ts';
import { readBlocks, readPage } from './doc-page.ts';

const BLOCKS = readBlocks(readPage('docs/extending.md'));
// A folder without node_modules above it: what is on the page needs no installation.
const folder = mkdtempSync(join(tmpdir(), 'larsen-extending-'));
afterAll(() => rmSync(folder, { recursive: true }));
for (const { file, text } of BLOCKS) {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), text);
}
const { plugins } = await loadConfig({ configFile: 'larsen.config.yaml', cwd: folder });
const registry = await loadRegistry(plugins);
const builtIn = await loadRegistry([]);

it('every block tells the file that it is', () => {
  expect(BLOCKS.filter(({ file }) => file === '')).toEqual([]);
  expect(new Set(BLOCKS.map(({ file }) => file)).size).toBe(BLOCKS.length);
});

it('the config names every plugin of the page, and no other', () => {
  const shown = BLOCKS.filter(({ language, text }) => /^[jt]s$/.test(language) && text.includes('export default'));
  expect(plugins).toEqual(shown.map(({ file }) => join(folder, file)));
});

it('the plugins bring a part of each kind', () => {
  const added = (kind: 'faults' | 'checkers' | 'shapes' | 'apps' | 'sinks' | 'drivers'): string[] =>
    [...registry[kind].keys()].filter((name) => !builtIn[kind].has(name));
  expect({
    faults: added('faults'),
    checkers: added('checkers'),
    shapes: added('shapes'),
    apps: added('apps'),
    sinks: added('sinks'),
    drivers: added('drivers'),
  }).toEqual({
    faults: ['sink-flaky'],
    checkers: ['push-size'],
    shapes: ['nginx'],
    apps: ['worker', 'tiny-web'],
    sinks: ['line-store', 'lossy-gateway'],
    drivers: ['line-shipper'],
  });
  expect(registry.sinks.get('lossy-gateway')?.at).toBe('relay');
});

it.each(
  BLOCKS.filter(({ language, file }) => language === 'yaml' && file !== 'larsen.config.yaml').map(({ file }) => [file]),
)('%s is valid', (name) => {
  const file = join(folder, name);
  const { value } = readDocument(file, 'SCENARIO');
  const isScenario = typeof value === 'object' && value !== null && 'topology' in value;
  if (isScenario) expect(parseScenario(value, { id: name, file, registry }).title).not.toBe('');
  else expect(parseAgent(value, { file }).agent).toBe('none');
});

it('the scenarios of the page name every part of it', () => {
  const yaml = BLOCKS.filter(({ language, file }) => language === 'yaml' && file !== 'larsen.config.yaml');
  const text = yaml.map((block) => block.text).join('\n');
  for (const name of [
    'sink-flaky',
    'push-size',
    'nginx',
    'worker',
    'tiny-web',
    'line-store',
    'lossy-gateway',
    'line-shipper',
  ])
    expect(text).toContain(name);
});

it('the fault adds its rule, takes it back, and finds only its own pushes as proof', async () => {
  const fault = registry.faults.get('sink-flaky') as FaultDefinition;
  const params = (fault.params as { parse(raw: unknown): unknown }).parse({});
  const fake = createFakeWorld();
  await fault.inject(fake.world, params);
  expect(fake.rules).toEqual([{ status: 503, share: 0.5, fault: 'sink-flaky' }]);
  await fault.heal(fake.world, params);
  expect(fake.rules).toEqual([]);
  const window = { fromNs: 1_000, toNs: 2_000 };
  expect(await fault.bit(fake.history(), window)).toEqual([]);
  const push = { kind: 'push', hop: 'sink' } as const;
  fake.add({ ...push, atNs: 1_500, data: { fault: 'sink-flaky', startedNs: 1_400 } });
  fake.add({ ...push, atNs: 1_500, data: { fault: 'sink-status', startedNs: 1_400 } });
  fake.add({ ...push, atNs: 900, data: { fault: 'sink-flaky', startedNs: 800 } });
  expect(await fault.bit(fake.history(), window)).toEqual(['history#1']);
});

it.each([
  [[], 'unknown'],
  [[500_000], 'valid'],
  [[500_000, 2_000_000, 3_000_000], 'invalid'],
])('the checker calls pushes of %j bytes %s', async (sizes, verdict) => {
  const checker = registry.checkers.get('push-size') as CheckerDefinition;
  const events = sizes.map((decodedBytes, index) => ({
    n: index + 1,
    atNs: 5e6,
    kind: 'push' as const,
    hop: 'sink' as const,
    data: { decodedBytes },
  }));
  const params = (checker.params as { parse(raw: unknown): unknown }).parse({});
  const ledger = { total: createLedgerTotals() } as Ledger;
  const run = { loadStartNs: 0 } as RunFacts;
  const result = await checker.check({ history: createHistory(events), ledger, params, run });
  expect(result.verdict).toBe(verdict);
  expect(result.findings.flatMap(({ evidence }) => evidence)).toEqual(verdict === 'invalid' ? ['history#2'] : []);
});

it('the shape holds the id exactly once, on one line, the same for the same chance', () => {
  const id = 'lrs1-abc123-web-7-0-00000000';
  const make = (): string =>
    Buffer.from(
      registry.shapes.get('nginx')!.line({ id, seq: 7, dueMs: 0, random: () => 0.25 }) as Uint8Array,
    ).toString();
  expect(make().split(id)).toHaveLength(2);
  expect(make()).not.toContain('\n');
  expect(make()).toBe(make());
});
