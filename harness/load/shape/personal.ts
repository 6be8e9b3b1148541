// `personal`: the id, then personal data of every kind that is planted (model/planted.ts), then words up to the size
// asked for; about 220 B where none is asked. The data stands behind the id, so that scrubbing
// never moves it; lines of real requests draw it from their path.

import { createPrng } from '../../core/prng.ts';
import { PERSONAL_SHAPE, PLANTED_KINDS, plant } from '../../model/planted.ts';
import type { AccessShape } from './access-shape.ts';
import { drawFiller } from './filler.ts';

/** Lines of people: what a privacy check wants to see scrubbed. */
export const personal: AccessShape = {
  name: PERSONAL_SHAPE,
  formatAccessLine: ({ method, path, status, bytes }) => [
    `${method} ${path} ${status} ${bytes} ${drawPersonalData(createPrng(path).next)}`,
  ],
  line: ({ id, random, bytes = 0 }) => {
    const data = drawPersonalData(random);
    const size = bytes > 0 ? bytes : 200 + Math.floor(random() * 41);
    const rest = size - id.length - data.length - 2;
    return Buffer.from(rest <= 0 ? `${id} ${data}` : `${id} ${data} ${drawFiller(rest, random)}`);
  },
};

function drawPersonalData(random: () => number): string {
  const [ipv4, ipv6, login, email] = PLANTED_KINDS.map((kind) => plant(kind, random));
  return `user=${login} from ${ipv4} via ${ipv6} mail ${email}`;
}
