// `broken-json`: looks like the structured log of a service and is none: a Windows path breaks its escapes and it is
// never closed. A parser fails on it, and what an agent says about that is the point.

import type { AccessShape } from './access-shape.ts';
import { drawFiller } from './filler.ts';

/** Unparsable structured log. */
export const brokenJson: AccessShape = {
  name: 'broken-json',
  formatAccessLine: ({ method, path, status, bytes }) => [
    `{"level":"warn","message":"${method} "${path}"","status":${status},"bytes":${bytes}`,
  ],
  line: ({ id, random, bytes = 0 }) => {
    const head = `{"level":"warn","file":"C:\\new\\users.log","requestId":"${id}","message":"got "nothing", `;
    return Buffer.from(head + drawFiller((bytes > 0 ? bytes : 200) - head.length, random));
  },
};
