// The GitHub Action and the GitLab template: what they name is there, and no input is ever run as a command.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createProcessContext } from '../cli/context.ts';
import { createProgram } from '../cli/main.ts';
import { PROJECT_ROOT, readPage } from './doc-page.ts';

const root = mkdtempSync(join(tmpdir(), 'larsen-action-'));
afterAll(() => rmSync(root, { recursive: true }));

interface Action {
  inputs: Record<string, { default: string; description: string }>;
  runs: { using: string; steps: { id?: string; run?: string; env?: Record<string, string> }[] };
}

const action = parse(readPage('action.yml')) as Action;
const script = join(PROJECT_ROOT, '.ci/action.sh');

/** Runs the script of the action with a larsen that writes down its arguments. */
function run(env: Record<string, string>, status = 0) {
  const folder = mkdtempSync(join(root, 'call-'));
  const out = join(folder, 'report');
  const larsen = join(folder, 'larsen.mjs');
  writeFileSync(
    larsen,
    `import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
appendFileSync(${JSON.stringify(join(folder, 'args'))}, JSON.stringify(process.argv.slice(2)) + '\\n');
if (process.argv[2] === 'report') console.log('## summary');
else { mkdirSync(process.env.OUT, { recursive: true }); writeFileSync(process.env.OUT + '/result.json', '{"verdict":"invalid"}'); process.exitCode = ${status}; }`,
  );
  mkdirSync(folder, { recursive: true });
  const defaults = Object.fromEntries(
    Object.entries(action.inputs).map(([name, input]) => [name.toUpperCase().replaceAll('-', '_'), input.default]),
  );
  const result = spawnSync('bash', [script], {
    cwd: folder,
    encoding: 'utf8',
    env: {
      PATH: process.env.PATH,
      ...defaults,
      OUT: out,
      LARSEN: larsen,
      GITHUB_STEP_SUMMARY: join(folder, 'summary'),
      GITHUB_OUTPUT: join(folder, 'output'),
      ...env,
    },
  });
  const calls = readFileSync(join(folder, 'args'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as string[]);
  return { ...result, folder, out, calls };
}

describe('the GitHub Action', () => {
  it('hands every input to its script as a variable, and runs none as a command', () => {
    const step = action.runs.steps.find(({ id }) => id === 'run')!;
    const passed = Object.values(step.env!).join(' ');
    for (const name of Object.keys(action.inputs).filter((input) => input !== 'report-name'))
      expect(passed).toContain(`\${{ inputs.${name} }}`);
    for (const { run: command } of action.runs.steps) expect(command ?? '').not.toContain('inputs.');
    expect(step.run).toContain('.ci/action.sh');
    expect(existsSync(script)).toBe(true);
  });

  it('runs, writes the summary and outputs, and ends as larsen ends', () => {
    const { status, calls, folder, out } = run(
      { SCENARIOS: 'a b', AGENTS: 'c.yaml', COMPOSE: 'x.yaml', SERVICE: 'web' },
      1,
    );
    expect(status).toBe(1);
    expect(calls).toEqual([
      [
        'run',
        'a',
        'b',
        '--out',
        out,
        '--fail-on',
        'unknown',
        '--retry-unknown',
        '1',
        '--agent',
        'c.yaml',
        '--compose',
        'x.yaml',
        '--service',
        'web',
      ],
      ['report', out, '--print', 'markdown'],
    ]);
    expect(readFileSync(join(folder, 'summary'), 'utf8')).toBe('## summary\n');
    expect(readFileSync(join(folder, 'output'), 'utf8')).toBe(`verdict=invalid\nreport=${out}\n`);
  });

  it('takes hostile inputs for the words they are', () => {
    const { calls, folder } = run({ SCENARIOS: '$(touch pwned) ;touch pwned `touch pwned`', AGENTS: '* --x' });
    expect(existsSync(join(folder, 'pwned'))).toBe(false);
    expect(calls[0]).toContain('$(touch');
    expect(calls[0]).toContain('*');
  });

  it('uses only options that larsen run has', () => {
    const program = createProgram({ ...createProcessContext(), exit: () => undefined });
    const known = program.commands.find((command) => command.name() === 'run')!.options.map(({ long }) => long);
    for (const [option] of readFileSync(script, 'utf8').matchAll(/--[a-z][a-z-]+/g))
      if (option !== '--print') expect(known).toContain(option);
  });
});

it('the GitLab template runs larsen and keeps report and JUnit', () => {
  const job = (parse(readPage('.ci/gitlab.yml')) as Record<string, Record<string, unknown>>)['.larsen']!;
  expect(job.script).toContain('npx --no-install larsen run $LARSEN_ARGS --out larsen-report --retry-unknown 1');
  expect(job.artifacts).toEqual({
    when: 'always',
    paths: ['larsen-report'],
    reports: { junit: 'larsen-report/junit.xml' },
  });
});
