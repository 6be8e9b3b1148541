// A page of the documentation as tests read it: its fenced blocks, its headings as anchors, and the tables of a section.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The folder of the project. */
export const PROJECT_ROOT = join(import.meta.dirname, '../..');

/** A fenced block. */
export interface DocBlock {
  /** The word behind the fence: `yaml`, `js`; '' where there is none. */
  language: string;
  /** What stands behind it as `key=value`: why a block is not run, what a text shows. */
  marks: Readonly<Record<string, string>>;
  text: string;
  /** The path that its first line tells in a comment (`# my-agent.yaml`), or ''. */
  file: string;
}

/** The text of a page, by its path in the project. */
export function readPage(path: string): string {
  return readFileSync(join(PROJECT_ROOT, path), 'utf8');
}

/** The fenced blocks of a page, in order; an indented fence counts too. */
export function readBlocks(page: string): DocBlock[] {
  return [...page.matchAll(/^( *)```([^`\n]*)\n(.*?)^\1```$/gms)].map(([, indent = '', info = '', body = '']) => {
    const text = indent === '' ? body : body.replaceAll(new RegExp(`^${indent}`, 'gm'), '');
    const [language = '', ...words] = info.trim().split(/\s+/);
    const marks = Object.fromEntries(words.map((word) => [word.split('=')[0]!, word.split('=').slice(1).join('=')]));
    return { language, marks, text, file: /^(?:#|\/\/) (\S+\.\w+)\n/.exec(text)?.[1] ?? '' };
  });
}

/** Every page for people, by its path in the project. */
export function listPages(): string[] {
  const below = ['docs', 'images', 'bench', 'reports/samples'].flatMap((folder) =>
    readdirSync(join(PROJECT_ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.md') && !/^compare-[\w-]+\/|node_modules/.test(file))
      .map((file) => `${folder}/${file}`),
  );
  return ['README.md', 'CHANGELOG.md', ...below.sort()];
}

/** The anchors of a page's headings, as GitHub makes them. */
export function readAnchors(page: string): string[] {
  const seen = new Map<string, number>();
  return [...withoutBlocks(page).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => {
    const slug = heading
      .toLowerCase()
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replaceAll(/[^\p{L}\p{N}\p{M}\- _]/gu, '')
      .replaceAll(' ', '-');
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    return count === 0 ? slug : `${slug}-${count}`;
  });
}

/** The page without its fenced blocks. */
export function withoutBlocks(page: string): string {
  return page.replaceAll(/^( *)```.*?^\1```$/gms, '');
}

/** The part of a page below a heading of the second level, up to the next one. Throws when there is none. */
export function readSection(page: string, heading: string): string {
  const from = page.indexOf(`\n## ${heading}\n`);
  if (from === -1) throw new Error(`there is no section ${heading}`);
  const to = page.indexOf('\n## ', from + 1);
  return page.slice(from, to === -1 ? undefined : to);
}

/** The rows of all tables in a text, heads left out: the words in code of the first cell, and of the whole row. */
export function readRows(text: string): { keys: string[]; words: string[] }[] {
  const rows = withoutBlocks(text)
    .split('\n')
    .filter(
      (line, index, lines) => line.startsWith('|') && !/^\| ?-/.test(line) && !/^\| ?-/.test(lines[index + 1] ?? ''),
    );
  return rows.map((row) => ({
    keys: readCode(row.split(/(?<!\\)\|/)[1] ?? ''),
    words: readCode(row).flatMap((code) => code.split(/[^\w-]+/)),
  }));
}

function readCode(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map((match) => match[1]!);
}
