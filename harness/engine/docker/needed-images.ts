// The images of a usual run, and which of them are here.

import { EMBEDDED, LOKI_IMAGES } from './loki-config.ts';
import { imagesOfNode } from './node-image.ts';
import { hasImage, type Runtime, replaceImage } from './runtime.ts';
import { TRAEFIK_IMAGE } from './traefik-container.ts';

/** An image that runs need. */
export interface NeededImage {
  name: string;
  /** What is taken in its place, by larsen.config. */
  used: string;
  use: string;
  isThere: boolean;
}

/** Looks each of them up. One of several that would do is enough. `images`: those of larsen.config. */
export async function neededImages(
  runtime: Runtime,
  images: Readonly<Record<string, string>> = {},
): Promise<NeededImage[]> {
  const uses: [string, string[]][] = [
    ['our apps and plain Node agents', imagesOfNode()],
    ['the sink, `version: "3.7"`', [LOKI_IMAGES['3.7']]],
    ['apps of type traefik', [TRAEFIK_IMAGE]],
  ];
  return Promise.all(
    uses.map(async ([use, names]) => {
      const used = names.map((name) => replaceImage(images, name));
      const there = await Promise.all(used.map((name) => name === EMBEDDED || hasImage(runtime, name)));
      const at = there.includes(true) ? there.indexOf(true) : names.length - 1;
      return { use, name: names[at]!, used: used[at]!, isThere: there[at]! };
    }),
  );
}
