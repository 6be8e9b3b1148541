// Images on the Docker engine that the environment names (DOCKER_HOST, or the usual socket): what is there, build from
// a folder, save to an archive, load from one.

import { spawn } from 'node:child_process';
import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import Docker from 'dockerode';
import { HarnessError } from '../harness/core/errors.ts';
import { MADE_HERE_LABEL } from '../harness/core/made-here-label.ts';

// Holds the content hash of the recipe.
const RECIPE_LABEL = 'larsen.recipe';

/** The engine's images. */
export interface DockerImages {
  /** The recipe hash of the image with this tag; null: it is there and not ours; undefined: it is not there. */
  recipeOf(tag: string): Promise<string | null | undefined>;
  /** Builds a folder; all tags and labels of the recipe are put on it. */
  build(context: string, tag: string, hash: string): Promise<void>;
  save(tag: string, archive: string): Promise<void>;
  load(archive: string): Promise<void>;
}

/** Connects. Throws E_IMAGES_DOCKER when no engine answers. */
export async function openDockerImages(): Promise<DockerImages> {
  const docker = new Docker();
  await docker.ping().catch((cause) => {
    const remedy = 'start one, or name it by DOCKER_HOST';
    throw new HarnessError('E_IMAGES_DOCKER', `No Docker engine answers: ${remedy}`, { cause });
  });
  const follow = (stream: NodeJS.ReadableStream): Promise<void> =>
    new Promise((resolve, reject) =>
      docker.modem.followProgress(stream, (error, output: { error?: string }[]) => {
        const failed = error ?? output.find((line) => line.error !== undefined)?.error;
        if (!failed) return resolve();
        reject(new HarnessError('E_IMAGES_COMMAND', `The engine could not do it: ${String(failed)}`));
      }),
    );
  return {
    recipeOf: async (tag) => {
      const found = await docker
        .getImage(tag)
        .inspect()
        .catch(() => undefined);
      return found && (found.Config.Labels?.[RECIPE_LABEL] ?? null);
    },
    build: async (context, tag, hash) => {
      const tar = spawn('tar', ['-C', context, '-c', '.'], { stdio: ['ignore', 'pipe', 'inherit'] });
      const labels = JSON.stringify({ [MADE_HERE_LABEL]: 'local', [RECIPE_LABEL]: hash }) as never;
      await follow(await docker.buildImage(tar.stdout, { t: tag, labels, version: '1', rm: true, forcerm: true }));
    },
    save: async (tag, archive) => pipeline(await docker.getImage(tag).get(), createWriteStream(archive)),
    load: async (archive) => follow(await docker.loadImage(createReadStream(archive))),
  };
}
