// A program that is a Go module of others: a go.mod and go.sum of ours name it at one version as a tool, and `go
// build` makes it. Not a line of theirs is in this repository.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProgramRecipe } from './recipe.ts';
import { runCommand } from './run-command.ts';

/** What differs between such programs. */
export interface GoProgram {
  name: string;
  summary: string;
  /** Folder in images/ with go.mod and go.sum; the recipe's name when left out. */
  folder?: string;
  /** Package path of each program, by the file it is built to. */
  packages: Record<string, string>;
  /** Go variables set at link time, such as a version that a release build would have. */
  variables?: Record<string, string>;
  tags?: string;
  /** Files of ours in the folder that are compiled, too. */
  sources?: readonly string[];
  optional?: true;
}

/** A recipe that compiles without cgo, so that the result runs in an empty image. */
export function createGoProgram({ name, summary, folder = name, packages, ...rest }: GoProgram): ProgramRecipe {
  const { variables = {}, tags = '', sources = [], optional } = rest;
  const linked = Object.entries(variables).map(([variable, value]) => `-X ${variable}=${value}`);
  const flags = ['-trimpath', '-mod=readonly', '-ldflags', ['-s', '-w', ...linked].join(' '), '-tags', tags];
  return {
    ...{ kind: 'program', name, summary, after: [], tools: { go: 'Go >= 1.26' } },
    ...(optional && { optional }),
    inputs: ({ packageDir }) => {
      const dir = join(packageDir, 'images', folder);
      const files = ['go.mod', 'go.sum', ...sources].map((file) => readFileSync(join(dir, file), 'utf8'));
      return [...files, JSON.stringify({ packages, flags }), runCommand('go', ['env', 'GOVERSION', 'GOARCH'])];
    },
    make: (target, { packageDir }) => {
      const cwd = join(packageDir, 'images', folder);
      for (const [file, path] of Object.entries(packages))
        runCommand('go', ['build', ...flags, '-o', join(target, file), path], { cwd, env: { CGO_ENABLED: '0' } });
    },
  };
}
