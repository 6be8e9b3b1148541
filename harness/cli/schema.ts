// `larsen schema`, hidden: writes docs/schema/*.json from the zod schemas, for editors and for readers of results.

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
    .action((folder: string) => {
      const target = resolve(cli.cwd, folder);
      mkdirSync(target, { recursive: true });
      for (const [name, text] of Object.entries(createJsonSchemas())) writeFileSync(join(target, name), text);
      cli.print(`Written to ${target}\n`);
    });
}
