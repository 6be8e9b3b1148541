// How many records the embedded Loki takes in a second of CPU: pushes of about 1 MiB, protobuf and snappy, lines of 300
// to 470 bytes, with duplicates recognised. Beside it a baseline measured in the same call that only decodes the same
// bodies. Ratios hold between machines, times do not.
//
//   node dist/bench/sink.bench.js [pushes]

import { createLokiCore, type LokiCore } from '../harness/sink/loki/core.ts';
import { decodePushBody } from '../harness/sink/loki/decode-body.ts';
import { LOKI_TRAITS } from '../harness/sink/loki/version.ts';
import { LINES_PER_PUSH, makePushes } from './sink-load.ts';

const pushCount = Number(process.argv[2] ?? 60);
const ROUNDS = 5;
const WANTED_PER_SECOND = 300_000;
const startNs = 1_557_683_843_000_000_000n;

const bodies = makePushes(pushCount, startNs);
const lines = pushCount * LINES_PER_PUSH;
const inflated = bodies.reduce((sum, body) => sum + body.length, 0);
console.log(
  `${pushCount} pushes of ${LINES_PER_PUSH} lines, ${(inflated / pushCount / 1024).toFixed(0)} KiB compressed each`,
);

const decode = best(() => {
  for (const body of bodies) {
    const push = { contentType: 'application/x-protobuf', contentEncoding: undefined, shape: 'v1' as const, body };
    decodePushBody(push, LOKI_TRAITS['3.7']);
  }
});
const accept = best(() => pushAll(createCore(), 0));
const core = createCore();
pushAll(core, 0);
const again = best(() => pushAll(core, 0));
const rate = lines / (accept / 1e3);
console.log(`decode only            ${(lines / decode).toFixed(0)} records per CPU-ms`);
console.log(
  `accept, de-duplicating ${(lines / accept).toFixed(0)} records per CPU-ms: ${(accept / decode).toFixed(1)} times the baseline`,
);
console.log(`the same pushes again  ${(lines / again).toFixed(0)} records per CPU-ms`);
console.log(
  `${Math.round(rate).toLocaleString('en')} records per CPU-second, ${WANTED_PER_SECOND.toLocaleString('en')} wanted`,
);
process.exit(rate >= WANTED_PER_SECOND ? 0 : 1);

function createCore(): LokiCore {
  const none = Number.POSITIVE_INFINITY;
  return createLokiCore({
    version: '3.7',
    limits: {
      ...{ grpcMessageMaxBytes: 4_194_304, lineMaxBytes: 262_144, rateBytesPerSecond: none, burstBytes: none },
      ...{ streamRateBytesPerSecond: none, streamBurstBytes: none, streamsMax: 5_000 },
    },
  });
}

function pushAll(to: LokiCore, from: number): void {
  const headers = { 'content-type': 'application/x-protobuf' };
  for (let push = from; push < bodies.length; push++) {
    const nowNs = startNs + BigInt(push) * 1_000_000_000n;
    const { status, body } = to.handle({
      method: 'POST',
      path: '/loki/api/v1/push',
      headers,
      body: bodies[push]!,
      nowNs,
    });
    if (status !== 204) throw new Error(`push ${push}: ${status} ${body}`);
  }
}

/** CPU milliseconds of the best of some rounds. */
function best(run: () => void): number {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const before = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / 1e3);
  }
  return least;
}
