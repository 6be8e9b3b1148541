// docs/docker-facts.md and docs/loki-facts.md in step with the tests: each row names at least one that is there, or says
// why there is none.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PROJECT_ROOT, readPage } from './doc-page.ts';

/** The pages, and where the tests that they name are. */
const PAGES = [
  { page: 'docs/docker-facts.md', folder: 'harness/driver' },
  { page: 'docs/loki-facts.md', folder: 'harness/sink/loki' },
];

function readTable(page: string): string[][] {
  return readPage(page)
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| ---') && !line.startsWith('| fact |'))
    .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll('\\|', '|')));
}

/** The source of the tests that a name stands for. */
function readTests(folder: string, name: string): string {
  if (name === 'rows') {
    const rows = join(PROJECT_ROOT, 'harness/testing/driver-rows');
    return readdirSync(rows)
      .map((file) => readFileSync(join(rows, file), 'utf8'))
      .join('\n');
  }
  const path = join(PROJECT_ROOT, folder, `${name}.test.ts`);
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

/** Titles of tests and rows, as their quoted texts stand in the source. */
function readTitles(source: string): string[] {
  return [...source.matchAll(/(['"`])((?:\\.|(?!\1).)*)\1/g)].map(([, , text = '']) =>
    text.replace(/\\(['"`])/g, '$1'),
  );
}

/** Texts in code, within one backtick or two. */
function readCode(cell: string): string[] {
  return [...cell.matchAll(/`` (.+?) ``|`([^`]+)`/g)].map(([, long, short]) => long ?? short ?? '');
}

describe.each(PAGES)('$page', ({ page, folder }) => {
  const rows = readTable(page);

  it('has its rows', () => {
    expect(rows.length).toBeGreaterThan(50);
    expect(new Set(rows.map(([, fact]) => fact)).size).toBe(rows.length);
  });

  it.each(rows)('%s| %s', (_start, _fact, emulated = '', held = '') => {
    expect(emulated).not.toBe('');
    if (held.startsWith('not modelled: ')) {
      expect(held.length).toBeGreaterThan('not modelled: because'.length);
      return;
    }
    const names = readCode(held);
    expect(names.length).toBeGreaterThan(0);
    for (const name of names) {
      const [file = '', ...rest] = name.split(': ');
      const title = rest.join(': ');
      expect(title.length, name).toBeGreaterThan(2);
      const titles = readTitles(readTests(folder, file));
      expect(
        titles.some((known) => known.includes(title)),
        name,
      ).toBe(true);
    }
  });
});
