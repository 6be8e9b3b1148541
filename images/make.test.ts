// Making in order and by content hash, with a cache in a temporary folder and an engine that only remembers.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openCache } from './cache.ts';
import type { DockerImages } from './docker-images.ts';
import { makeAll, orderRecipes } from './make.ts';
import type { ImageRecipe, ProgramRecipe } from './recipe.ts';
import { RECIPES } from './registry.ts';

let dir: string;
let log: string[];
let onEngine: Map<string, string | null>;
let input: string;
let made: string[];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'images-'));
  [log, onEngine, input, made] = [[], new Map(), 'one', []];
});
afterEach(() => rmSync(dir, { recursive: true }));

const engine: DockerImages = {
  recipeOf: async (tag) => onEngine.get(tag),
  build: async (_, tag, hash) => void onEngine.set(tag, hash),
  save: async (tag, archive) => writeFileSync(archive, `${tag} ${onEngine.get(tag)}`),
  load: async (archive) => void onEngine.set(...(readFileSync(archive, 'utf8').split(' ') as [string, string])),
};
const program: ProgramRecipe = {
  ...{ kind: 'program', name: 'tool', summary: 'compiles tool', tools: {}, after: [] },
  inputs: () => [input],
  make: (folder) => {
    made.push('tool');
    writeFileSync(join(folder, 'tool'), input);
  },
};
const image: ImageRecipe = {
  ...{ kind: 'image', name: 'tool-image', summary: 'packs tool', tag: 'some/tool:1', tools: {}, after: ['tool'] },
  archive: true,
  inputs: () => [],
  fill: (context, kitchen) => {
    made.push('tool-image');
    writeFileSync(join(context, 'tool'), readFileSync(kitchen.program('tool')));
  },
};
const make = async (): Promise<string[]> => {
  made = [];
  await makeAll([program, image], {
    ...{ images: engine, cache: openCache(dir), packageDir: '/' },
    log: (text) => log.push(text),
  });
  return made;
};

describe('making images', () => {
  it('makes what is missing, takes what is there, and makes again what an input changed', async () => {
    expect(await make()).toEqual(['tool', 'tool-image']);
    expect(readFileSync(join(dir, 'bin/tool'), 'utf8')).toBe('one');
    expect(await make()).toEqual([]);
    input = 'two';
    expect(await make()).toEqual(['tool', 'tool-image']);
    expect(readFileSync(join(dir, 'bin/tool'), 'utf8')).toBe('two');
    expect(log.at(-1)).toMatch(/^tool-image +made +\d+\.\d s {2}some\/tool:1$/);
  });

  it('loads the archive into an engine that lost the image', async () => {
    await make();
    onEngine.clear();
    expect(await make()).toEqual([]);
    expect(onEngine.has('some/tool:1')).toBe(true);
    expect(log.at(-1)).toContain('loaded');
  });

  it('leaves an image alone that was not made here', async () => {
    onEngine.set('some/tool:1', null);
    expect(await make()).toEqual(['tool']);
    expect(onEngine.get('some/tool:1')).toBeNull();
  });

  it('keeps nothing of a recipe that failed', async () => {
    const broken = {
      ...program,
      make: (folder: string) => {
        writeFileSync(join(folder, 'half'), '');
        throw new Error('no space left');
      },
    };
    const cache = openCache(dir);
    const failing = makeAll([broken], { images: null, cache, packageDir: '/', log: () => undefined });
    await expect(failing).rejects.toThrow('no space left');
    expect(readdirSync(join(dir, 'work')).concat(readdirSync(join(dir, 'programs')))).toEqual([]);
    expect(existsSync(join(dir, 'bin/half'))).toBe(false);
  });

  it('names the command that is missing and what brings it, before anything is made', async () => {
    const needy = { ...program, tools: { 'no-such-command': 'the package of that name' } };
    const refused = makeAll([needy], { images: null, cache: openCache(dir), packageDir: '/', log: () => undefined });
    await expect(refused).rejects.toMatchObject({
      code: 'E_IMAGES_TOOL',
      message: expect.stringContaining('`no-such-command` (the package of that name)'),
    });
    expect(made).toEqual([]);
  });
});

describe('the recipes', () => {
  it('come with all that they build upon, each once and in order', () => {
    const names = orderRecipes(RECIPES, ['agent', 'loki-image', 'apps']).map(({ name }) => name);
    expect(names).toEqual(['node', 'agent', 'loki', 'loki-image', 'apps']);
    const usual = orderRecipes(RECIPES, []).map(({ name }) => name);
    expect(usual).toEqual(expect.arrayContaining(['node', 'agent', 'apps', 'loki-image', 'traefik-image']));
    expect(usual).not.toContain('dockerd');
  });

  it('refuse a name that is none, and tell those that are', () => {
    expect(() => orderRecipes(RECIPES, ['lokki'])).toThrow(/`lokki`; there are node, agent/);
  });
});
