// What can be made, as data: a program is compiled once and kept in the cache, an image is built from a folder that
// its recipe fills. A recipe says what its content depends on; the hash of that is its name in the cache.

import type { Cache } from './cache.ts';

/** What a recipe works with. */
export interface Kitchen {
  cache: Cache;
  /** The folder of the larsen package. */
  packageDir: string;
  /** Where a program made earlier lies. Throws when its recipe did not run. */
  program(name: string): string;
  /** The hash of a recipe made earlier, for those that build upon it. */
  hashOf(name: string): string;
  /** The tags of an image made earlier. */
  tagOf(name: string): string;
  log(text: string): void;
}

/** Common to programs and images. */
interface RecipeBase {
  name: string;
  /** One line for `--list`. */
  summary: string;
  /** Commands that must be on the machine, with the Debian package that brings each. */
  tools: Record<string, string>;
  /** Recipes that are made first. */
  after: string[];
  /** Not made unless asked for by name. */
  optional?: true;
  /** Everything that the result depends on, except what `after` made. */
  inputs(kitchen: Kitchen): string[];
}

/** A program: `make` leaves it in the folder that it is given, under its own name. */
export interface ProgramRecipe extends RecipeBase {
  kind: 'program';
  make(folder: string, kitchen: Kitchen): void;
}

/** An image: `fill` writes the build context, Dockerfile included. */
export interface ImageRecipe extends RecipeBase {
  kind: 'image';
  /** The public name and version, so that nothing else needs to know where the image came from. */
  tag: string;
  /** Keeps an archive of the image as well: for those that take longer to build than to load. */
  archive?: true;
  fill(context: string, kitchen: Kitchen): void;
}

/** One thing that `npm run images` can make. */
export type Recipe = ProgramRecipe | ImageRecipe;
