// Every link between the pages of the project leads somewhere: the file is there, and so is the heading.

import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { PROJECT_ROOT, readAnchors, readPage, withoutBlocks } from './doc-page.ts';

const PAGES = [
  'README.md',
  'CHANGELOG.md',
  ...readdirSync(join(PROJECT_ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`),
].filter((page) => existsSync(join(PROJECT_ROOT, page)));

it.each(PAGES)('links of %s resolve', (page) => {
  expect(
    listLinks(page)
      .map((link) => describeBroken(page, link))
      .filter((text) => text !== ''),
  ).toEqual([]);
});

it('sees links at all, and notices a broken one', () => {
  expect(PAGES).toContain('docs/reference.md');
  expect(PAGES.flatMap(listLinks).length).toBeGreaterThan(30);
  expect(describeBroken('README.md', 'docs/no-such-page.md')).not.toBe('');
  expect(describeBroken('README.md', 'docs/reference.md#no-such-heading')).not.toBe('');
});

/** Targets of links and images that stay in the project. */
function listLinks(page: string): string[] {
  const text = withoutBlocks(readPage(page)).replaceAll(/`[^`\n]*`/g, '');
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1]!).filter((link) => !/^[a-z]+:/.test(link));
}

/** What is wrong with a link, or ''. */
function describeBroken(page: string, link: string): string {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? page : join(dirname(page), path);
  if (target.startsWith('..')) return `${link} leads out of the project`;
  if (!existsSync(join(PROJECT_ROOT, target))) return `${link}: there is no ${target}`;
  if (anchor === undefined) return '';
  if (statSync(join(PROJECT_ROOT, target)).isDirectory()) return `${link}: a folder has no headings`;
  return readAnchors(readPage(target)).includes(anchor) ? '' : `${link}: no heading of that name`;
}
