// Makes recipes in order: what the cache or the engine has already is taken, the rest is made, and each says what it
// did and how long it took.

import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { HarnessError } from '../harness/core/errors.ts';
import { hashTexts, linkPrograms } from './cache.ts';
import type { DockerImages } from './docker-images.ts';
import type { ImageRecipe, Kitchen, ProgramRecipe, Recipe } from './recipe.ts';
import { requireTools } from './run-command.ts';

/** How a recipe's result came to be. */
export type Made = 'there' | 'loaded' | 'made';

/** The recipes for `names` and all that they build upon, in the order of making; no names: all that are not optional. */
export function orderRecipes(recipes: readonly Recipe[], names: readonly string[]): Recipe[] {
  const byName = new Map(recipes.map((recipe) => [recipe.name, recipe]));
  const ordered = new Set<Recipe>();
  const add = (name: string): void => {
    const recipe = byName.get(name);
    if (!recipe) {
      const known = [...byName.keys()].join(', ');
      throw new HarnessError('E_IMAGES_UNKNOWN', `There is no image or program \`${name}\`; there are ${known}`);
    }
    for (const before of recipe.after) add(before);
    ordered.add(recipe);
  };
  const wanted = names.length > 0 ? names : recipes.filter(({ optional }) => !optional).map(({ name }) => name);
  for (const name of wanted) add(name);
  return [...ordered];
}

/** Makes each recipe that is not made yet. `images` null: there is no engine and none is needed. */
export async function makeAll(
  recipes: readonly Recipe[],
  { images, ...kitchen }: Pick<Kitchen, 'cache' | 'packageDir' | 'log'> & { images: DockerImages | null },
): Promise<void> {
  const hashes = new Map<string, string>();
  const tags = new Map<string, string>();
  const context: Kitchen = {
    ...kitchen,
    hashOf: (name) => hashes.get(name)!,
    tagOf: (name) => tags.get(name)!,
    program: (name) => join(kitchen.cache.programDir(name, hashes.get(name)!), name),
  };
  for (const recipe of recipes) {
    const startedMs = performance.now();
    requireTools(recipe.name, recipe.tools);
    const hash = hashTexts([...recipe.inputs(context), ...recipe.after.map((name) => hashes.get(name)!)]);
    hashes.set(recipe.name, hash);
    if (recipe.kind === 'image') tags.set(recipe.name, recipe.tag);
    const made =
      recipe.kind === 'program' ? makeProgram(recipe, hash, context) : await makeImage(recipe, hash, context, images!);
    const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1);
    const what = recipe.kind === 'image' ? recipe.tag : join(kitchen.cache.binDir, recipe.name);
    kitchen.log(`${recipe.name.padEnd(14)} ${made.padEnd(7)} ${seconds.padStart(6)} s  ${what}`);
  }
}

function makeProgram(recipe: ProgramRecipe, hash: string, kitchen: Kitchen): Made {
  const { cache, log } = kitchen;
  const target = cache.programDir(recipe.name, hash);
  const isThere = existsSync(target);
  if (!isThere) {
    log(`${recipe.name}: ${recipe.summary} …`);
    const work = cache.workDir(recipe.name);
    try {
      recipe.make(work, kitchen);
      cache.keep(work, target);
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  }
  linkPrograms(cache, target);
  return isThere ? 'there' : 'made';
}

async function makeImage(recipe: ImageRecipe, hash: string, kitchen: Kitchen, images: DockerImages): Promise<Made> {
  const { cache, log } = kitchen;
  const archive = cache.archivePath(recipe.name, hash);
  const there = await images.recipeOf(recipe.tag);
  // A public image of that very name and version is what the local one stands in for.
  if (there === hash || there === null) return 'there';
  if (existsSync(archive)) {
    await images.load(archive);
    if ((await images.recipeOf(recipe.tag)) === hash) return 'loaded';
  }
  log(`${recipe.name}: ${recipe.summary} …`);
  const work = cache.workDir(recipe.name);
  try {
    const context = join(work, 'context');
    mkdirSync(context);
    recipe.fill(context, kitchen);
    await images.build(context, recipe.tag, hash);
    if (recipe.archive) {
      await images.save(recipe.tag, join(work, 'archive.tar'));
      cache.keep(join(work, 'archive.tar'), archive);
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return 'made';
}
