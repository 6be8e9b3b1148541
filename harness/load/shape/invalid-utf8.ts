// `invalid-utf8`: bytes that are no UTF-8: Latin-1 letters, a sequence cut short, one that goes on without a beginning.
// An app may write them, Docker hands them on as they are, and nothing between may lose the line for it.

import type { AccessShape } from './access-shape.ts';
import { fillBytes, formatPlainAccess } from './fill-bytes.ts';

const BYTES = Buffer.from([0xff, 0x20, 0xe9, 0x20, 0xe2, 0x82, 0x20, 0x80, 0x61, 0xc0, 0xaf, 0x20]);

/** Bytes that are not UTF-8. */
export const invalidUtf8: AccessShape = {
  name: 'invalid-utf8',
  formatAccessLine: formatPlainAccess,
  line: (input) => fillBytes({ pattern: BYTES, pad: '.' }, input),
};
