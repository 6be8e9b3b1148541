// Each rule of .ci/imports.cjs catches an import that breaks it: a rule whose pattern matches nothing would pass
// everything for good.

import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cruise, type ICruiseResult, type IForbiddenRuleType } from 'dependency-cruiser';
import { afterAll, beforeAll, expect, test } from 'vitest';

const { forbidden, options } = createRequire(import.meta.url)('../../.ci/imports.cjs') as {
  forbidden: (IForbiddenRuleType & { name: string })[];
  options: Record<string, unknown>;
};

/** Rule → a file and what it must not import. */
const BREAKS: Record<string, [from: string, to: string]> = {
  'core-is-a-leaf': ['harness/core/a.ts', 'harness/model/x.ts'],
  'model-imports-core-only': ['harness/model/a.ts', 'harness/fault/x.ts'],
  'parts-are-peers': ['harness/fault/a.ts', 'harness/sink/x.ts'],
  'parts-do-not-look-up': ['harness/checker/a.ts', 'harness/run/x.ts'],
  'only-app-uses-load': ['harness/sink/a.ts', 'harness/load/plan.ts'],
  'only-plugin-uses-scenario': ['harness/report/a.ts', 'harness/scenario/x.ts'],
  'engine-does-not-look-up': ['harness/engine/a.ts', 'harness/run/x.ts'],
  'run-does-not-look-up': ['harness/run/a.ts', 'harness/cli/x.ts'],
  'agent-stands-alone': ['agent/a.ts', 'harness/core/x.ts'],
  'agent-parts-are-peers': ['agent/input/a.ts', 'agent/output/x.ts'],
  'agent-leaves-are-leaves': ['agent/codec/a.ts', 'agent/buffer/x.ts'],
  'agent-parts-do-not-look-up': ['agent/buffer/a.ts', 'agent/pipeline.ts'],
  'agent-is-known-in-two-places': ['harness/run/b.ts', 'agent/index.ts'],
  'testing-is-for-tests': ['harness/run/c.ts', 'harness/testing/x.ts'],
  'images-stand-alone': ['images/a.ts', 'harness/model/x.ts'],
  'not-resolved': ['harness/run/d.ts', 'harness/run/nowhere.ts'],
};

/** Imports that the rules allow. */
const ALLOWED: [from: string, to: string][] = [
  ['harness/cli/ok.ts', 'harness/run/ok.ts'],
  ['harness/run/ok.ts', 'harness/engine/ok.ts'],
  ['harness/engine/ok.ts', 'harness/sink/ok.ts'],
  ['harness/sink/ok.ts', 'harness/model/ok.ts'],
  ['harness/model/ok.ts', 'harness/core/ok.ts'],
  ['harness/sink/ok.test.ts', 'harness/testing/ok.ts'],
  ['agent/input/ok.ts', 'agent/codec/ok.ts'],
  ['images/ok.ts', 'harness/core/ok.ts'],
];

const root = realpathSync(mkdtempSync(join(tmpdir(), 'larsen-imports-')));
let broken: { rule: string; from: string; to: string }[] = [];

beforeAll(async () => {
  const imports = [
    ...Object.values(BREAKS),
    ...ALLOWED,
    ['harness/core/circle-a.ts', 'harness/core/circle-b.ts'],
    ['harness/core/circle-b.ts', 'harness/core/circle-a.ts'],
  ] as const;
  for (const [, to] of imports) if (!to.endsWith('nowhere.ts')) write(to, 'export {};\n');
  for (const [from, to] of imports) write(from, `import '${'../'.repeat(from.split('/').length - 1)}${to}';\n`);
  writeFileSync(
    join(root, 'tsconfig.json'),
    '{ "compilerOptions": { "allowImportingTsExtensions": true, "noEmit": true } }',
  );
  const { tsConfig: _, ...rest } = options;
  const { output } = await cruise(['harness', 'agent', 'images'], {
    ...rest,
    baseDir: root,
    validate: true,
    ruleSet: { forbidden },
  });
  broken = (output as ICruiseResult).summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to }));
}, 30_000);
afterAll(() => rmSync(root, { recursive: true }));

function write(file: string, text: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
}

test('every rule has an import here that breaks it', () => {
  expect(forbidden.map(({ name }) => name).sort()).toEqual(['no-cycle', ...Object.keys(BREAKS)].sort());
});

test.each(Object.entries(BREAKS))('%s catches %j', (rule, [from, to]) => {
  // What can't be resolved is named as it was written.
  expect(broken).toContainEqual({ rule, from, to: rule === 'not-resolved' ? expect.stringContaining('nowhere') : to });
});

test('no-cycle catches two files that import each other', () => {
  expect(broken.some(({ rule, from }) => rule === 'no-cycle' && from.startsWith('harness/core/circle'))).toBe(true);
});

test('what points downwards, and tests of testing/, is allowed', () => {
  expect(broken.filter(({ from }) => /\/ok\.(test\.)?ts$/.test(from))).toEqual([]);
});
