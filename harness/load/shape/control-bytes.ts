// `control-bytes`: what terminals and parsers stumble over and a pipeline has to carry as it is: NUL, tabs, colours,
// quotes, backslashes, carriage returns inside and at the end, where a newline follows.

import type { AccessShape } from './access-shape.ts';
import { fillBytes, formatPlainAccess } from './fill-bytes.ts';

const COLOUR = '\u001b[32m';
const CONTROLS = Buffer.from('\u0000\t\r"\\\u001b[1mbold\u001b[0m\u0007\u007f\\n\u2028 ');

/** Control bytes, ANSI colours, a carriage return at the end. */
export const controlBytes: AccessShape = {
  name: 'control-bytes',
  formatAccessLine: formatPlainAccess,
  line: (input) => fillBytes({ before: COLOUR, pattern: CONTROLS, pad: '\t', end: '\r' }, input),
};
