// The few counters of Loki's own /metrics that people watch during a rollout: lines and bytes received, samples and
// bytes discarded by reason, streams in memory.

import { entryBytes, type PushedEntry } from './push-request.ts';

/** Counters of one sink. */
export interface Metrics {
  receive(lines: number, bytes: number): void;
  discard(reason: string, entries: readonly PushedEntry[]): void;
  /** Prometheus text format. */
  format(gauges: { streams: number }): string;
}

/** Counters at zero. */
export function createMetrics(): Metrics {
  let lines = 0;
  let bytes = 0;
  const discarded = new Map<string, { lines: number; bytes: number }>();
  return {
    receive(lineCount, byteCount) {
      lines += lineCount;
      bytes += byteCount;
    },
    discard(reason, entries) {
      const sum = discarded.get(reason) ?? { lines: 0, bytes: 0 };
      sum.lines += entries.length;
      for (const entry of entries) sum.bytes += entryBytes(entry);
      discarded.set(reason, sum);
    },
    format({ streams }) {
      const rows = [
        ...family('loki_distributor_lines_received_total', 'counter', [['tenant="fake"', lines]]),
        ...family('loki_distributor_bytes_received_total', 'counter', [['tenant="fake"', bytes]]),
        ...family('loki_discarded_samples_total', 'counter', byReason(discarded, 'lines')),
        ...family('loki_discarded_bytes_total', 'counter', byReason(discarded, 'bytes')),
        ...family('loki_ingester_memory_streams', 'gauge', [['tenant="fake"', streams]]),
      ];
      return `${rows.join('\n')}\n`;
    },
  };
}

function byReason(
  discarded: Map<string, { lines: number; bytes: number }>,
  key: 'lines' | 'bytes',
): [string, number][] {
  return [...discarded].map(([reason, sum]) => [`reason="${reason}",tenant="fake"`, sum[key]]);
}

function family(name: string, type: string, samples: [labels: string, value: number][]): string[] {
  return [`# TYPE ${name} ${type}`, ...samples.map(([labels, value]) => `${name}{${labels}} ${value}`)];
}
