// `plain`: the id, then words up to exactly the size asked for; about 120 B where none is asked. A size below the
// id's own length gives the id alone. For requests: method, path, status and bytes in a row.

import type { AccessShape } from './access-shape.ts';
import { drawFiller } from './filler.ts';

/** The plainest shape. */
export const plain: AccessShape = {
  name: 'plain',
  formatAccessLine: ({ method, path, status, bytes }) => [`${method} ${path} ${status} ${bytes}`],
  line: ({ id, random, bytes = 0 }) => {
    const size = bytes > 0 ? bytes : 100 + Math.floor(random() * 41);
    const rest = size - id.length;
    if (rest <= 0) return Buffer.from(id);
    return Buffer.from(rest === 1 ? `${id}.` : `${id} ${drawFiller(rest - 1, random)}`);
  },
};
