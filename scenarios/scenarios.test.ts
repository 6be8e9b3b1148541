// What is promised of the scenarios as a set: the default suite, its length, its controls, its page in the docs.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

interface Scenario {
  suite?: string;
  title: string;
  load: { to: string; until: string; rate: { at: string; perSecond: number }[]; sizes?: string[] }[];
  controls: { agent: string; finds?: string[] }[];
}

const ROOT = import.meta.dirname;
const UNITS: Record<string, number> = { B: 1, KiB: 1_024 };
const seconds = (text: string): number => Number(text.replace(/s$/, ''));
const bytes = (text: string): number => Number.parseInt(text, 10) * UNITS[text.replace(/^\d+/, '')]!;

const ids = (readdirSync(ROOT, { recursive: true }) as string[])
  .filter((path) => path.endsWith('.yaml') && !path.startsWith('agents'))
  .map((path) => path.replace(/\.yaml$/, ''))
  .sort();
const scenarios = new Map(ids.map((id) => [id, parse(readFileSync(join(ROOT, `${id}.yaml`), 'utf8')) as Scenario]));
const inSuite = [...scenarios].filter(([, { suite }]) => suite === 'default');

test('the default suite loads for less than a hundred seconds in all', () => {
  const total = inSuite.reduce((sum, [, { load }]) => sum + Math.max(...load.map(({ until }) => seconds(until))), 0);
  expect(inSuite).toHaveLength(5);
  expect(total).toBeLessThan(100);
});

describe.each([...scenarios])('%s', (id, scenario) => {
  test('names controls that exist, a clean one and one that must be found', () => {
    for (const { agent } of scenario.controls) expect(existsSync(join(ROOT, `${agent}.yaml`)), agent).toBe(true);
    expect(scenario.controls.some(({ finds = [] }) => finds.length === 0)).toBe(true);
    expect(scenario.controls.some(({ finds = [] }) => finds.length > 0)).toBe(true);
  });

  test('is in the docs with its title', () => {
    const page = readFileSync(join(ROOT, '../docs/scenarios.md'), 'utf8');
    expect(page).toContain(`| \`${id}\` | ${scenario.title} |`);
  });
});

test('every agent file is in the docs', () => {
  const page = readFileSync(join(ROOT, '../docs/scenarios.md'), 'utf8');
  const agents = (readdirSync(join(ROOT, 'agents'), { recursive: true }) as string[]).filter((path) =>
    path.endsWith('.yaml'),
  );
  for (const path of agents) expect(page).toContain(`| \`agents/${path.replace(/\.yaml$/, '')}\` |`);
});

test('the oversize spike holds more than the 4 MiB of one message in any ten seconds of its peak', () => {
  const { load } = scenarios.get('oversize/spike-past-grpc-limit')!;
  const [service] = load;
  const sizes = service!.sizes!.map(bytes);
  const average = sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
  expect(average * Math.max(...service!.rate.map(({ perSecond }) => perSecond)) * 10).toBeGreaterThan(2 * 4_194_304);
});
