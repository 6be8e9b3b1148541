// An image that holds one static program, as the public image of it does, and files of our own.

import { copyFileSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { ImageRecipe } from './recipe.ts';

/** A recipe for an image of a program made before. `files` are paths in images/, a Dockerfile among them. */
export function createProgramImage({
  name,
  program,
  tag,
  files,
}: {
  name: string;
  program: string;
  tag: string;
  files: readonly string[];
}): ImageRecipe {
  return {
    ...{ kind: 'image', name, tag, after: [program], tools: { tar: 'tar' }, archive: true },
    summary: `puts ${program} into an image`,
    inputs: ({ packageDir }) => files.map((file) => readFileSync(join(packageDir, 'images', file), 'utf8')),
    fill: (context, kitchen) => {
      copyFileSync(kitchen.program(program), join(context, program));
      for (const file of files) copyFileSync(join(kitchen.packageDir, 'images', file), join(context, basename(file)));
    },
  };
}
