// The workflow that `larsen init` writes: its steps run in bash, in order, with npm and larsen that write down how they were called.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { INIT_FILES } from '../cli/init-files.ts';
import { readPage } from './doc-page.ts';

const root = mkdtempSync(join(tmpdir(), 'larsen-workflow-'));
afterAll(() => rmSync(root, { recursive: true }));

interface Job {
  env: Record<string, string>;
  steps: { run?: string; if?: string }[];
}

const { jobs } = parse(INIT_FILES['.github/workflows/larsen.yml']!) as { jobs: { larsen: Job } };
const gitlab = (parse(readPage('.ci/gitlab.yml')) as Record<string, { script: string[] }>)['.larsen']!;

const NPM = `#!/bin/sh
echo "npm $*" >> "$CALLS"
mkdir -p node_modules/.bin && touch node_modules/.bin/larsen
`;
const NPX = `#!/bin/sh
echo "npx $*" >> "$CALLS"
[ "$3" != report ] || echo '## summary'
`;

/** A folder to run in; `dependency`: whether its package.json has larsen. */
function createProject(dependency: boolean) {
  const folder = mkdtempSync(join(root, 'project-'));
  mkdirSync(join(folder, 'bin'));
  writeFileSync(join(folder, 'bin/npm'), NPM, { mode: 0o755 });
  writeFileSync(join(folder, 'bin/npx'), NPX, { mode: 0o755 });
  writeFileSync(join(folder, 'calls'), '');
  if (dependency) {
    writeFileSync(join(folder, 'package.json'), '{"devDependencies":{"larsen":"file:larsen.tgz"}}');
    writeFileSync(join(folder, 'package-lock.json'), '{}');
  }
  return folder;
}

/** Replaces what the runner would; an expression that is not in the table fails the test. */
function fillIn(text: string, table: Record<string, string>): string {
  return text.replace(/\$\{\{\s*(.*?)\s*\}\}/g, (_, name: string) => {
    if (table[name] === undefined) throw new Error(`unknown expression ${name}`);
    return table[name];
  });
}

/** Runs commands in order as a CI does: the first that fails ends it, but for the steps that always run. */
function play(steps: { run?: string; if?: string }[], folder: string, variables: Record<string, string>) {
  let status = 0;
  let output = '';
  for (const step of steps) {
    if (step.run === undefined || (status !== 0 && step.if !== 'always()')) continue;
    const result = spawnSync('bash', ['-e', '-o', 'pipefail', '-c', fillIn(step.run, {})], {
      cwd: folder,
      encoding: 'utf8',
      env: {
        PATH: `${join(folder, 'bin')}:${process.env.PATH}`,
        CALLS: join(folder, 'calls'),
        GITHUB_STEP_SUMMARY: join(folder, 'summary'),
        ...variables,
      },
    });
    status ||= result.status ?? 1;
    output += result.stdout + result.stderr;
  }
  return { status, output, calls: readFileSync(join(folder, 'calls'), 'utf8').trimEnd().split('\n') };
}

const templates: [string, (folder: string, from: string) => ReturnType<typeof play>][] = [
  [
    'the workflow of init',
    (folder, from) => {
      const { env, steps } = jobs.larsen;
      return play(steps, folder, { LARSEN_PACKAGE: fillIn(env.LARSEN_PACKAGE!, { 'vars.LARSEN_PACKAGE': from }) });
    },
  ],
  [
    'the GitLab template',
    (folder, from) =>
      play(
        gitlab.script.map((run) => ({ run })),
        folder,
        { LARSEN_PACKAGE: from, LARSEN_ARGS: '' },
      ),
  ],
];

for (const [title, start] of templates) {
  it(`${title} takes the dependency of the project first`, () => {
    const { status, calls } = start(createProject(true), 'larsen@9.9.9');
    expect(status).toBe(0);
    expect(calls[0]).toBe('npm ci --no-audit --no-fund');
    expect(calls.slice(1).every((call) => call.startsWith('npx --no-install larsen '))).toBe(true);
    expect(calls.length).toBeGreaterThan(1);
  });

  it.each([
    'git+https://example.com/larsen.git#abc',
    './larsen-0.1.0.tgz',
    'larsen.tgz',
    'larsen@1.2.3',
    '@us/larsen@1.2.3',
  ])(`${title} installs what is named: %s`, (from) => {
    const { status, calls } = start(createProject(false), from);
    expect(status).toBe(0);
    expect(calls[0]).toBe(`npm install --prefix . --no-save --no-audit --no-fund ${from}`);
  });

  it.each(['', 'larsen', 'larsen@latest', 'larsen@1', 'npm:larsen', '@us/larsen'])(
    `${title} fetches no bare name: '%s'`,
    (from) => {
      const { status, calls, output } = start(createProject(false), from);
      expect(status).toBe(1);
      expect(output).toContain('set the variable LARSEN_PACKAGE to');
      expect(calls.filter((call) => call.startsWith('npm '))).toEqual([]);
      expect(calls.filter((call) => call.includes(' larsen run'))).toEqual([]);
    },
  );
}

it('the workflow puts the report into the summary, whatever the verdict', () => {
  const folder = createProject(true);
  writeFileSync(join(folder, 'bin/npx'), `${NPX}[ "$3" != run ] || exit 1\n`, { mode: 0o755 });
  expect(templates[0]![1](folder, '').status).toBe(1);
  expect(existsSync(join(folder, 'summary'))).toBe(true);
  expect(readFileSync(join(folder, 'summary'), 'utf8')).toBe('## summary\n');
});
