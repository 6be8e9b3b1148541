// The limits of the sink by version, as Loki has them by default; a scenario sets the others.

import type { SinkLimits } from './scenario.ts';

const MIB = 1_048_576;

/** Versions of the embedded Loki. */
export const SINK_VERSIONS = ['3.7', '2019'] as const;

/** Defaults by version. 2019 had neither a limit per line nor rates per stream. */
export const SINK_LIMITS: Readonly<Record<(typeof SINK_VERSIONS)[number], SinkLimits>> = {
  '3.7': {
    grpcMessageMaxBytes: 4 * MIB,
    lineMaxBytes: 256 * 1_024,
    rateBytesPerSecond: 4 * MIB,
    burstBytes: 6 * MIB,
    streamRateBytesPerSecond: 3 * MIB,
    streamBurstBytes: 15 * MIB,
    streamsMax: 5_000,
  },
  '2019': {
    grpcMessageMaxBytes: 4 * MIB,
    lineMaxBytes: Infinity,
    rateBytesPerSecond: 4 * MIB,
    burstBytes: 6 * MIB,
    streamRateBytesPerSecond: Infinity,
    streamBurstBytes: Infinity,
    streamsMax: 10_000,
  },
};
