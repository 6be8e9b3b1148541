// An image that holds one static program, as the public image of it does, and files of our own.

import { copyFileSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { ImageRecipe } from './recipe.ts';
import { findCommand } from './run-command.ts';

/** A recipe for an image of a program made before. `files` are paths in images/, a Dockerfile among them. */
export function createProgramImage({
  name,
  program,
  tag,
  files,
  busybox = false,
  optional,
}: {
  name: string;
  program: string;
  tag: string;
  files: readonly string[];
  /** With a shell of this machine, for a health check. */
  busybox?: boolean;
  optional?: true;
}): ImageRecipe {
  return {
    ...{ kind: 'image', name, tag, after: [program], archive: true },
    ...(optional && { optional }),
    tools: { tar: 'tar', ...(busybox && { busybox: 'busybox-static' }) },
    summary: `puts ${program} into an image`,
    inputs: ({ packageDir }) => files.map((file) => readFileSync(join(packageDir, 'images', file), 'utf8')),
    fill: (context, kitchen) => {
      copyFileSync(kitchen.program(program), join(context, program));
      if (busybox) copyFileSync(findCommand('busybox')!, join(context, 'busybox'));
      for (const file of files) copyFileSync(join(kitchen.packageDir, 'images', file), join(context, basename(file)));
    },
  };
}
