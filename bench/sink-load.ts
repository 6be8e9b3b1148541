// The pushes of the sink's benches: about 1 MiB each, protobuf and snappy, lines of 300 to 470 bytes.

import { compressSync } from 'snappy';
import { createPrng, type Prng } from '../harness/core/prng.ts';
import { encodeProtobuf, type TestStream } from '../harness/testing/loki-push.ts';

/** Lines in each push. */
export const LINES_PER_PUSH = 2_600;
const STREAMS_PER_PUSH = 4;

/** `count` bodies in order of time, from `startNs` on. */
export function makePushes(count: number, startNs: bigint): Buffer[] {
  return Array.from({ length: count }, (_, push) => compressSync(encodeProtobuf(makePush(push, startNs))));
}

function makePush(push: number, startNs: bigint): TestStream[] {
  const prng = createPrng(push + 1);
  return Array.from({ length: STREAMS_PER_PUSH }, (_, stream) => ({
    labels: `{app="web", instance="${stream}", service="media"}`,
    entries: Array.from({ length: LINES_PER_PUSH / STREAMS_PER_PUSH }, (_entry, index) => {
      const seq = push * LINES_PER_PUSH + index * STREAMS_PER_PUSH + stream;
      const length = prng.integer({ min: 300, max: 470 });
      return {
        tsNs: startNs + BigInt(seq) * 100_000n,
        line: `lrs1-abcdef-web-${seq}-${length}-${randomHex(prng)}`.padEnd(length, '0123456789abcdef').slice(0, length),
      };
    }),
  }));
}

/** What of a line differs from its neighbours: addresses, paths, times. */
function randomHex(prng: Prng): string {
  return Array.from({ length: 12 }, () => prng.integer({ min: 0, max: 0xffff_ffff }).toString(16)).join('/');
}
