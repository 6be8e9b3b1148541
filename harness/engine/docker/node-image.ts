// The image that our own programs and plain Node agents run in: the local one with this Node's version, else the
// public one of the same version.

import type { RunBed } from './run-bed.ts';
import { hasImage } from './runtime.ts';

/** Images that would do, the preferred one first. */
export function imagesOfNode(): [local: string, open: string] {
  const { node } = process.versions;
  return [`larsen/node:${node}`, `node:${node}-slim`];
}

/** The one to use. Throws E_DOCKER_IMAGE when none can be had. */
export async function nodeImage(bed: Pick<RunBed, 'runtime' | 'image'>): Promise<string> {
  const [local, open] = imagesOfNode();
  return bed.image((await hasImage(bed.runtime, local)) ? local : open);
}
