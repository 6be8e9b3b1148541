// What `import … from 'larsen'` offers is a promise: a name that goes or changes its kind breaks plugins of others.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import * as library from '../index.ts';
import { PROJECT_ROOT } from './doc-page.ts';

it('the values of the library are these', () => {
  expect(Object.keys(library).sort()).toMatchInlineSnapshot(`
    [
      "HarnessError",
      "defineApp",
      "defineChecker",
      "defineDriver",
      "defineFault",
      "defineScenario",
      "defineShape",
      "defineSink",
      "larsen",
      "z",
    ]
  `);
});

it('the types of the library are these', () => {
  const text = readFileSync(join(PROJECT_ROOT, 'harness/index.ts'), 'utf8');
  const blocks = [...text.matchAll(/export (type )?\{([^}]*)\}/g)].flatMap(([, isType, names = '']) =>
    names
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '' && (isType !== undefined || name.startsWith('type ')))
      .map((name) => name.replace(/^type /, '')),
  );
  expect(blocks.sort()).toMatchInlineSnapshot(`
    [
      "Account",
      "AgentInput",
      "AgentSpec",
      "AppDefinition",
      "CheckResult",
      "CheckerDefinition",
      "ConfigInput",
      "DriverDefinition",
      "DriverStart",
      "EmittedEvent",
      "EngineName",
      "Event",
      "EventKind",
      "EventRef",
      "FaultDefinition",
      "Finding",
      "History",
      "Hop",
      "HopRange",
      "Larsen",
      "Ledger",
      "LedgerEntry",
      "LedgerTotals",
      "LineRecord",
      "LineWrapper",
      "Params",
      "Part",
      "PartRegistry",
      "Result",
      "RunFacts",
      "RunOptions",
      "RunPlan",
      "RunResult",
      "Scenario",
      "ScenarioInput",
      "Severity",
      "ShapeDefinition",
      "ShapedLine",
      "SinkDefinition",
      "SinkEntry",
      "SinkRule",
      "SinkStart",
      "StartedPart",
      "Verdict",
      "World",
    ]
  `);
});

it('what a plugin is given is what it can import', () => {
  const { larsen, ...values } = library;
  for (const [name, value] of Object.entries(larsen)) expect(values[name as keyof typeof values], name).toBe(value);
});
