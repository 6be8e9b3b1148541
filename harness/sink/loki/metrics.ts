// The few counters of Loki's own /metrics that people watch during a rollout: lines and bytes received, samples and
// bytes discarded by reason, streams in memory.

import { entryBytes, type PushedEntry } from './push-request.ts';

/** Counters of one sink. */
export interface Metrics {
  receive(lines: number, bytes: number): void;
  discard(reason: string, entries: readonly PushedEntry[]): void;
  /** Notes one entry that was changed and the bytes that it lost. */
  mutate(reason: string, bytes: number): void;
  /** Prometheus text format. */
  format(gauges: { streams: number }): string;
}

/** Counters at zero. */
export function createMetrics(): Metrics {
  let lines = 0;
  let bytes = 0;
  const discarded: Sums = new Map();
  const mutated: Sums = new Map();
  return {
    receive(lineCount, byteCount) {
      lines += lineCount;
      bytes += byteCount;
    },
    discard(reason, entries) {
      const size = entries.reduce((sum, entry) => sum + entryBytes(entry), 0);
      add(discarded, reason, { lines: entries.length, bytes: size });
    },
    mutate(reason, size) {
      add(mutated, reason, { lines: 1, bytes: size });
    },
    format({ streams }) {
      const rows = [
        ...family('loki_distributor_lines_received_total', 'counter', [['tenant="fake"', lines]]),
        ...family('loki_distributor_bytes_received_total', 'counter', [['tenant="fake"', bytes]]),
        ...family('loki_discarded_samples_total', 'counter', byReason(discarded, 'lines')),
        ...family('loki_discarded_bytes_total', 'counter', byReason(discarded, 'bytes')),
        ...family('loki_mutated_samples_total', 'counter', byReason(mutated, 'lines')),
        ...family('loki_mutated_bytes_total', 'counter', byReason(mutated, 'bytes')),
        ...family('loki_ingester_memory_streams', 'gauge', [['tenant="fake"', streams]]),
      ];
      return `${rows.join('\n')}\n`;
    },
  };
}

type Sums = Map<string, { lines: number; bytes: number }>;

function add(sums: Sums, reason: string, { lines, bytes }: { lines: number; bytes: number }): void {
  const sum = sums.get(reason) ?? { lines: 0, bytes: 0 };
  sums.set(reason, { lines: sum.lines + lines, bytes: sum.bytes + bytes });
}

function byReason(sums: Sums, key: 'lines' | 'bytes'): [string, number][] {
  return [...sums].map(([reason, sum]) => [`reason="${reason}",tenant="fake"`, sum[key]]);
}

function family(name: string, type: string, samples: [labels: string, value: number][]): string[] {
  return [`# TYPE ${name} ${type}`, ...samples.map(([labels, value]) => `${name}{${labels}} ${value}`)];
}
