// A stranger's apps: `teller` writes one line for each that fd 3 says is due, `door` one for each request.

import { fileURLToPath } from 'node:url';

export default (larsen) => [
  larsen.defineApp({
    name: 'teller',
    kind: 'lines',
    command: ['node', fileURLToPath(new URL('teller.mjs', import.meta.url))],
  }),
  larsen.defineApp({
    name: 'door',
    kind: 'http',
    command: ['node', fileURLToPath(new URL('door.mjs', import.meta.url))],
  }),
];
