// docs/errors.md names every code that the sources can throw, and none that they cannot.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const KINDS = ['SCENARIO', 'AGENT', 'CONFIG'];

test('docs/errors.md has a line for each error code of the sources, and no other', () => {
  const documented = [...readFileSync(join(ROOT, 'docs/errors.md'), 'utf8').matchAll(/^\| `(E_[A-Z_]+)` \|/gm)].map(
    (match) => match[1],
  );
  expect(new Set(documented).size).toBe(documented.length);
  expect([...documented].sort()).toEqual([...sourceCodes()].sort());
});

function sourceCodes(): Set<string> {
  const codes = new Set<string>();
  for (const file of ['harness', 'agent', 'images'].flatMap(sources)) {
    const text = readFileSync(file, 'utf8');
    for (const match of text.matchAll(/['"`](E_[A-Z]+(?:_[A-Z]+)*)['"`]/g)) codes.add(match[1]!);
    for (const match of text.matchAll(/`E_\$\{kind\}_([A-Z_]+)`/g))
      for (const kind of KINDS) codes.add(`E_${kind}_${match[1]}`);
  }
  // A config has no name to look up.
  codes.delete('E_CONFIG_UNKNOWN');
  return codes;
}

function sources(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !/(^|\/)testing\//.test(file))
    .map((file) => join(ROOT, folder, file));
}
