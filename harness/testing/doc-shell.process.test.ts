// The commands of the docs are run as a reader types them, by bash with the built programs on its PATH, page after page in
// one folder: from `larsen init` over the first run to its reports, then larsen-agent with the config of its page.

import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { type DocBlock, listPages, PROJECT_ROOT, readBlocks, readPage } from './doc-page.ts';

/** Pages with commands that are run, in the order in which a reader comes to them. */
const PAGES = ['docs/getting-started.md', 'docs/how-to-read-a-report.md', 'docs/larsen-agent.md'];

const folder = mkdtempSync(join(tmpdir(), 'lrs-docs-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The folders of a host that pages name lie in the reader's. */
const inFolder = (text: string): string =>
  text.replaceAll(/(?<![\w.])\/(etc|run|var)\//g, `${folder}/$1/`).replaceAll('127.0.0.1:9600', '127.0.0.1:0');

function write(file: string, text: string, mode = 0o644): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), text);
  chmodSync(join(folder, file), mode);
}

const start = (program: string): string => `'${process.execPath}' '${join(PROJECT_ROOT, program)}' "$@"`;
// The first run is one of the quick profile; an agent that is started to stay gets SIGTERM after a while.
write(
  'bin/larsen',
  `#!/bin/bash\n[ "$1" != run ] || set -- "$@" --profile quick\nexec ${start('harness/cli/bin.mjs')}\n`,
  0o755,
);
write(
  'bin/larsen-agent',
  `#!/bin/bash
case "$*" in *check*|*dry-run*|*replay*) exec ${start('agent/bin.mjs')} ;; esac
exec timeout --preserve-status -s TERM 3 ${start('agent/bin.mjs')}
`,
  0o755,
);

async function run({ text }: DocBlock, more: Record<string, string> = {}): Promise<Ended> {
  const { CI: _ci, ...rest } = process.env;
  const env = { ...rest, ...more, PATH: `${join(folder, 'bin')}:${rest.PATH}` };
  return await new Promise((resolve) => {
    execFile('bash', ['-euo', 'pipefail', '-c', inFolder(text)], { cwd: folder, env }, (error, stdout, stderr) =>
      resolve({ status: error ? Number(error.code) : 0, output: stdout + stderr }),
    );
  });
}

interface Ended {
  status: number;
  output: string;
}

const blocksOf = (page: string): DocBlock[] =>
  readBlocks(readPage(page)).filter(({ language, marks }) => language === 'sh' && marks['not-run'] === undefined);

it('no other page has commands to run', () => {
  expect(
    listPages()
      .filter((page) => blocksOf(page).length > 0)
      .sort(),
  ).toEqual([...PAGES].sort());
});

/** Runs all blocks of a page, one after the other; each has to end well. */
async function runPage(page: string, env: Record<string, string> = {}): Promise<string[]> {
  const outputs: string[] = [];
  for (const block of blocksOf(page)) {
    const { status, output } = await run(block, env);
    expect(status, `${block.text}\n${output}`).toBe(0);
    outputs.push(output);
  }
  return outputs;
}

it('getting started: first files, checked, and a first run that is green; from there to its reports', async () => {
  const outputs = [await runPage(PAGES[0]!), await runPage(PAGES[1]!)].flat();
  expect(outputs.join('\n')).toMatch(/Written: larsen\.config\.yaml.*1 of 1 file is valid.*1 valid.*first-spike/s);
  expectFilesOfReference(join(folder, 'reports/runs'));
}, 90_000);

/** What the reference says that a run leaves behind is there. */
function expectFilesOfReference(runs: string): void {
  const [out] = readdirSync(runs);
  const [run = ''] = readdirSync(join(runs, out!), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  const [tree] = readBlocks(readPage('docs/reference.md')).filter(({ marks }) => marks.shows === 'files');
  const [ofCall = '', ofRun = ''] = tree!.text.split(/ {2}<scenario>.*\n/);
  const names = (text: string): string[] =>
    text
      .split('\n')
      .filter((line) => !/after `compare`|kept\/|agent-config\.diff/.test(line))
      .flatMap(
        (line) => line.match(/(?<=^<out>\/ .*|^ {4})\b[\w-]+\.(?:json|jsonl|html|md|xml)\b|(?<=^ {4})\w+\//g) ?? [],
      );
  expect(names(ofCall).length).toBeGreaterThanOrEqual(4);
  expect(names(ofRun).length).toBeGreaterThanOrEqual(5);
  for (const name of names(ofCall)) expect(existsSync(join(runs, out!, name)), name).toBe(true);
  for (const name of names(ofRun)) expect(existsSync(join(runs, out!, run, name)), name).toBe(true);
}

it('larsen-agent: its config is checked, tried on sample lines, run and stopped; dead letters are sent again', async () => {
  let pushes = 0;
  await using server = createServer((request, response) => {
    pushes++;
    request.resume().on('end', () => response.writeHead(204).end());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const blocks = readBlocks(readPage('docs/larsen-agent.md'));
  const config = blocks.find(({ file }) => file === 'larsen-agent.yaml')!.text;
  const letters = join(folder, 'var/lib/larsen-agent');
  write('etc/larsen-agent.yaml', `${inFolder(config)}deadLetters: { path: ${letters} }\n`);
  write('sample.log', 'GET /index.html 200\n');
  mkdirSync(join(folder, 'run/larsen-agent'), { recursive: true });
  const letter = { output: 'loki', reason: 'x', labels: '{app="web"}', ns: `${Date.now()}000000`, line: 'a' };
  write('var/lib/larsen-agent/dead-letters.jsonl', `${JSON.stringify(letter)}\n`);
  const { port } = server.address() as AddressInfo;
  const outputs = await runPage('docs/larsen-agent.md', { LOKI_URL: `http://127.0.0.1:${port}` });
  expect(outputs[0]).toContain('is valid');
  const [shown] = outputs[0]!.split('\n').filter((line) => line.startsWith('{'));
  expect(JSON.parse(shown!)).toMatchObject({ line: 'GET /index.html 200' });
  expect(outputs.at(-1)).toContain('read 1, sent 1, failed 0');
  expect(pushes).toBe(1);
}, 30_000);
