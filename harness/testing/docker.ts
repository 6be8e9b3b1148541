// Tests that need a Docker engine: skipped by name where none answers, failed where LARSEN_REQUIRE_DOCKER=1 says that
// there must be one. Containers of tests carry a label of their own, and nothing without it is touched.

import Docker from 'dockerode';
import { describe } from 'vitest';
import { sleep } from '../core/real-clock.ts';

/** On every container that a test starts. */
export const TEST_LABEL = 'larsen.test';
const ANSWER_WITHIN_MS = 5_000;

/** The engine that the environment names. */
export const docker = new Docker();
const isRequired = process.env.LARSEN_REQUIRE_DOCKER === '1';
const isThere = await Promise.race([
  docker.ping().then(
    () => true,
    () => false,
  ),
  sleep(ANSWER_WITHIN_MS).then(() => false),
]);

/** `describe` where an engine and the images are there. */
export const describeDocker = (name: string, images: readonly string[], run: () => void): void => {
  describe.skipIf(!isRequired && !isThere)(`${name}${isThere ? '' : ' (no Docker engine answers)'}`, async () => {
    const missing = isThere ? await findMissing(images) : [];
    const isComplete = missing.length === 0;
    const title = isComplete ? 'with all images' : `without ${missing.join(', ')}: npm run images makes them`;
    describe.skipIf(!isRequired && !isComplete)(title, run);
  });
};

async function findMissing(images: readonly string[]): Promise<string[]> {
  const looks = images.map((image) =>
    docker
      .getImage(image)
      .inspect()
      .then(
        () => [],
        () => [image],
      ),
  );
  return (await Promise.all(looks)).flat();
}
