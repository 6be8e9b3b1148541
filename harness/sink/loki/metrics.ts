// The few counters of Loki's own /metrics that people watch during a rollout: lines and bytes received, samples and
// bytes discarded by reason, streams in memory; each by tenant. What is discarded has the labels of its version.

import { entryBytes, type PushedEntry } from './push-request.ts';
import type { LokiTraits } from './version.ts';

/** Counters of one tenant. */
export interface Metrics {
  /** How the push came that is looked at: a label of what is discarded. */
  pushFormat: 'loki' | 'otlp';
  receive(lines: number, bytes: number): void;
  discard(reason: string, entries: readonly PushedEntry[]): void;
  /** Notes one entry that was changed and the bytes that it lost. */
  mutate(reason: string, bytes: number): void;
}

/** Counters of all tenants. */
export interface MetricsBook {
  /** Opens a tenant's counters at zero; its streams in memory are asked for when they are printed. */
  open(tenant: string, countStreams: () => number): Metrics;
  /** Prometheus text format. */
  format(): string;
}

/** No counters yet. */
export function createMetrics(traits: LokiTraits): MetricsBook {
  const tenants = new Map<string, TenantCounters>();
  return {
    open(tenant, countStreams) {
      const counters = new TenantCounters({ tenant, countStreams, traits });
      tenants.set(tenant, counters);
      return counters;
    },
    format() {
      const all = [...tenants.values()];
      const rows = [
        ...family('loki_distributor_lines_received_total', 'counter', all, (one) => [[one.label, one.lines]]),
        ...family('loki_distributor_bytes_received_total', 'counter', all, (one) => [[one.label, one.bytes]]),
        ...family('loki_discarded_samples_total', 'counter', all, (one) => samplesOf(one.discarded, 'lines')),
        ...family('loki_discarded_bytes_total', 'counter', all, (one) => samplesOf(one.discarded, 'bytes')),
        ...family('loki_mutated_samples_total', 'counter', all, (one) => samplesOf(one.mutated, 'lines')),
        ...family('loki_mutated_bytes_total', 'counter', all, (one) => samplesOf(one.mutated, 'bytes')),
        ...family('loki_ingester_memory_streams', 'gauge', all, (one) => [[one.label, one.countStreams()]]),
      ];
      return `${rows.join('\n')}\n`;
    },
  };
}

type Sums = Map<string, { lines: number; bytes: number }>;

class TenantCounters implements Metrics {
  pushFormat: 'loki' | 'otlp' = 'loki';
  lines = 0;
  bytes = 0;
  readonly discarded: Sums = new Map();
  readonly mutated: Sums = new Map();
  readonly label: string;
  readonly countStreams: () => number;
  readonly #traits: LokiTraits;

  constructor({ tenant, countStreams, traits }: { tenant: string; countStreams: () => number; traits: LokiTraits }) {
    this.label = `tenant=${JSON.stringify(tenant)}`;
    this.countStreams = countStreams;
    this.#traits = traits;
  }

  receive(lines: number, bytes: number): void {
    this.lines += lines;
    this.bytes += bytes;
  }

  discard(reason: string, entries: readonly PushedEntry[]): void {
    const bytes = entries.reduce((sum, entry) => sum + entryBytes(entry), 0);
    // No policies, and a retention that was not set is printed as 0 hours.
    const labels = this.#traits.validates
      ? `format="${this.pushFormat}",policy="",reason="${reason}",retention_hours="0",${this.label}`
      : `reason="${reason}",${this.label}`;
    add(this.discarded, labels, { lines: entries.length, bytes });
  }

  mutate(reason: string, bytes: number): void {
    add(this.mutated, `reason="${reason}",${this.label}`, { lines: 1, bytes });
  }
}

function add(sums: Sums, labels: string, { lines, bytes }: { lines: number; bytes: number }): void {
  const sum = sums.get(labels) ?? { lines: 0, bytes: 0 };
  sums.set(labels, { lines: sum.lines + lines, bytes: sum.bytes + bytes });
}

type Sample = [labels: string, value: number];

function samplesOf(sums: Sums, key: 'lines' | 'bytes'): Sample[] {
  return [...sums].map(([labels, sum]) => [labels, sum[key]]);
}

function family(
  name: string,
  type: string,
  tenants: readonly TenantCounters[],
  read: (tenant: TenantCounters) => Sample[],
): string[] {
  const samples = tenants.flatMap(read);
  return [`# TYPE ${name} ${type}`, ...samples.map(([labels, value]) => `${name}{${labels}} ${value}`)];
}
