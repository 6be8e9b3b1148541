// The page of incidents names scenarios, agents, faults and findings: each of them is there, and a row that says it
// ships names a scenario with an agent that has to be found in it.

import { expect, it } from 'vitest';
import { loadRegistry } from '../engine/built-ins.ts';
import { createCatalogue } from '../scenario/catalogue.ts';
import { FINDING_CLASSES } from '../scenario/finding-names.ts';
import { loadScenario } from '../scenario/load.ts';
import { readPage } from './doc-page.ts';

const registry = await loadRegistry([]);
const catalogue = createCatalogue();
const scenarioIds = new Set(catalogue.scenarios().map(({ id }) => id));
const agentIds = new Set(catalogue.agents().map(({ id }) => id));
const findings = new Set(
  Object.entries(FINDING_CLASSES).flatMap(([checker, classes]) => [...classes].map((name) => `${checker}/${name}`)),
);

const rows = readPage('docs/incidents.md')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !/^\| (what goes|---)/.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, what, seenIn, howFar, played, found]) => ({ what: what!, seenIn, howFar, played: played!, found: found! }));

const namesIn = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, name]) => name!);
const isHomeOfDefect = (id: string): boolean =>
  loadScenario(id, { catalogue, registry }).controls.some(({ finds }) => finds.length > 0);

it('there are rows, each of a known kind and with somewhere it was seen', () => {
  expect(rows.length).toBeGreaterThan(20);
  for (const { what, seenIn, howFar } of rows) {
    expect(['ships', 'a file', 'in part', 'no'], what).toContain(howFar);
    expect(seenIn, what).toMatch(/^[\w.-]+\/[\w.-]+#\d+(, [\w.-]+\/[\w.-]+#\d+)*$/);
  }
});

it.each(rows)('what it names is there: $what', ({ howFar, played, found }) => {
  const paths = namesIn(played).filter((name) => name.includes('/'));
  const unknown = paths.filter((name) => !scenarioIds.has(name) && !agentIds.has(name));
  expect([...unknown, ...namesIn(found).filter((name) => name.includes('/') && !findings.has(name))]).toEqual([]);
  expect(found === '').toBe(howFar === 'no');
  const faults = namesIn(played).filter((name) => /^(sink|agent|driver|disk)-[a-z]+$/.test(name));
  expect(faults.filter((name) => !registry.faults.has(name))).toEqual([]);
  if (howFar === 'ships') expect(paths.filter((name) => scenarioIds.has(name)).some(isHomeOfDefect)).toBe(true);
});
