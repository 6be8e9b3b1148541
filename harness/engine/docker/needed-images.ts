// The images of a usual run, and which of them are here.

import { LOKI_IMAGES } from './loki-config.ts';
import { imagesOfNode } from './node-image.ts';
import { hasImage, type Runtime } from './runtime.ts';
import { TRAEFIK_IMAGE } from './traefik-container.ts';

/** An image that runs need. */
export interface NeededImage {
  name: string;
  use: string;
  isThere: boolean;
}

/** Looks each of them up. One of several that would do is enough. */
export async function neededImages(runtime: Runtime): Promise<NeededImage[]> {
  const uses: [string, string[]][] = [
    ['our apps and plain Node agents', imagesOfNode()],
    ['the sink, `version: "3.7"`', [LOKI_IMAGES['3.7']]],
    ['apps of type traefik', [TRAEFIK_IMAGE]],
  ];
  return Promise.all(
    uses.map(async ([use, names]) => {
      const there = await Promise.all(names.map((name) => hasImage(runtime, name)));
      const found = names.find((_, index) => there[index]);
      return { use, name: found ?? names.at(-1)!, isThere: found !== undefined };
    }),
  );
}
