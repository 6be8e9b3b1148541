// `peertube-2019`: PeerTube 1.x and 2.x. The level word is coloured even without a terminal, and since morgan ends
// its line and winston ends it again, an empty line follows each: a record of its own for Docker.

import { type AccessShape, createAccessShape } from './access-shape.ts';
import { formatPeertubeLine } from './peertube.ts';

/** PeerTube of 2019. */
export const peertube2019: AccessShape = createAccessShape({
  name: 'peertube-2019',
  formatAccessLine: (facts) => [formatPeertubeLine(facts, '\u001b[32minfo\u001b[39m'), ''],
});
