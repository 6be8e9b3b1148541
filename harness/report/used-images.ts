// Which images a run was judged with, where they are not the public ones that it would have taken: a verdict on a
// stand-in is a verdict on that.

import type { RunResult, UsedImage } from '../model/run.ts';

/** One phrase per image that stood in for another or was made on this machine; empty where all are the public ones. */
export function describeImages(runs: readonly Pick<RunResult, 'images'>[]): string[] {
  return [...new Set(runs.flatMap(({ images = [] }) => images.filter(isOther).map(describeImage)))];
}

function isOther({ name, used, madeHere }: UsedImage): boolean {
  return used !== name || madeHere;
}

function describeImage({ name, used, madeHere }: UsedImage): string {
  const where = madeHere ? ' (made on this machine)' : '';
  return used === name ? `${used}${where}` : `${used}${where} in place of ${name}`;
}
