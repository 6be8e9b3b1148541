// `larsen schema` and `larsen pages`, hidden: write docs/schema/*.json and docs/catalogue/*.md from what they describe.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { createJsonSchemas } from '../scenario/json-schemas.ts';
import { findPackageRoot } from '../scenario/package-root.ts';
import type { Cli } from './context.ts';

/** Adds `schema`. */
export function addSchema(program: Command, cli: Cli): void {
  program
    .command('schema', { hidden: true })
    .description('Writes the JSON Schemas of scenario, agent and config files, of results and of ledger entries.')
    .argument('[folder]', 'where to', join(findPackageRoot(), 'docs', 'schema'))
    .action(async (folder: string) => {
      const target = resolve(cli.cwd, folder);
      mkdirSync(target, { recursive: true });
      const { registry } = await cli.openWorkspace(null);
      const schemas = createJsonSchemas(registry.checkers.values());
      for (const [name, text] of Object.entries(schemas)) writeFileSync(join(target, name), text);
      cli.print(`Written to ${target}\n`);
    });
}

/** Adds `pages`, hidden: writes docs/catalogue/*.md from the parts that come with larsen. */
export function addPages(program: Command, cli: Cli): void {
  program
    .command('pages', { hidden: true })
    .description('Writes the pages of scenarios, faults, checkers and schemas.')
    .argument('[folder]', 'where to', join(findPackageRoot(), 'docs', 'catalogue'))
    .action(async (folder: string) => {
      const { createDocPages } = await import('./doc-pages.ts');
      const target = resolve(cli.cwd, folder);
      mkdirSync(target, { recursive: true });
      const pages = createDocPages(await cli.openWorkspace(null));
      for (const [name, text] of Object.entries(pages)) writeFileSync(join(target, name), text);
      cli.print(`Written to ${target}\n`);
    });
}
