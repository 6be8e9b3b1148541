// `crumbs`: each line is followed by one of a single byte, as progress dots are. One byte can carry no id: the crumb is
// anonymous, counted apart, and must not disturb the lines around it.

import type { AccessShape } from './access-shape.ts';
import { plain } from './plain.ts';

const CRUMB = Buffer.from('.');

/** A plain line and an anonymous one of one byte. */
export const crumbs: AccessShape = {
  name: 'crumbs',
  formatAccessLine: (facts) => [...plain.formatAccessLine(facts), CRUMB.toString()],
  line: (input) => [plain.line(input) as Uint8Array, { anonymous: true, bytes: CRUMB }],
};
