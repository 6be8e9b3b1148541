// `multi-byte`: text of two, three and four bytes a letter, so that whoever cuts lines at a number of bytes, as Docker
// does at 16 KiB, cuts through a letter.

import type { AccessShape } from './access-shape.ts';
import { fillBytes, formatPlainAccess } from './fill-bytes.ts';

const LETTERS = Buffer.from('é日🎥');

/** Letters of several bytes. */
export const multiByte: AccessShape = {
  name: 'multi-byte',
  formatAccessLine: formatPlainAccess,
  line: (input) => fillBytes({ pattern: LETTERS, pad: '.' }, input),
};
