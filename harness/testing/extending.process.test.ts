// The walk-through of docs/extending.md, followed to its end: its files are put into an empty folder from which nothing
// of larsen can be resolved, its scenarios are run there, and what the page says of them comes true.

import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunResult } from '../model/run.ts';
import { readBlocks, readPage } from './doc-page.ts';
import { createWorkplace } from './outside/workplace.ts';

const workplace = createWorkplace();
const runs = new Map<string, RunResult>();

beforeAll(async () => {
  for (const { file, text } of readBlocks(readPage('docs/extending.md'))) {
    mkdirSync(join(workplace.path, dirname(file)), { recursive: true });
    workplace.write(file, text);
  }
  const { result } = await workplace.larsen([
    ...['run', './flaky-gateway.yaml', './no-agent.yaml', './nginx.yaml'],
    ...['--seed', '5', '--retry-unknown', '1', '--quiet'],
  ]);
  for (const run of result().runs) runs.set(run.scenario.split('/').at(-1)!.replace('.yaml', ''), run);
}, 180_000);
afterAll(() => workplace[Symbol.dispose]());

it('what the gateway swallowed is found at the relay', () => {
  const { verdict, findings, reasons, checks } = runs.get('flaky-gateway')!;
  expect(verdict, reasons.join('\n')).toBe('invalid');
  expect(findings.map(({ checker, class: kind, hop }) => `${checker}/${kind}@${hop}`)).toEqual(['parity/lost@relay']);
  expect(checks['push-size']?.verdict).toBe('valid');
});

it('the driver that delivers by itself is judged without an agent', () => {
  const { verdict, reasons, ledger } = runs.get('no-agent')!;
  expect(verdict, reasons.join('\n')).toBe('valid');
  expect(ledger.total.storedLines).toBe(300);
});

it('lines of the new shape arrive whole', () => {
  const { verdict, reasons, ledger } = runs.get('nginx')!;
  expect(verdict, reasons.join('\n')).toBe('valid');
  expect(ledger.total.storedLines).toBe(40);
});
