import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readPage } from '../testing/doc-page.ts';
import { createProcessContext } from './context.ts';
import { createDocPages } from './doc-pages.ts';

const pages = createDocPages(await createProcessContext().openWorkspace(null));

it.each(Object.entries(pages))('docs/catalogue/%s is current (npm run docs:pages)', (name, text) => {
  expect(readPage(`docs/catalogue/${name}`)).toBe(text);
});

it('there is no page of anything else, and none that says nothing', () => {
  expect(readdirSync('docs/catalogue').sort()).toEqual(Object.keys(pages).sort());
  for (const text of Object.values(pages)) expect(text.match(/^## /gm)!.length).toBeGreaterThan(3);
});
