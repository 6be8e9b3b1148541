// The config of a real Loki with a scenario's limits, in the words of its major version, and which of its effective
// settings differ from what was asked.

import type { SinkLimits } from '../../model/scenario.ts';

/** The image of each version a scenario may ask for; the oldest that still runs as one program stands for 2019. */
export const LOKI_IMAGES = { '3.7': 'grafana/loki:3.7.8', '2019': 'grafana/loki:1.6.1' } as const;

/** In place of an image under `images:` of larsen.config: the embedded Loki, on the host. */
export const EMBEDDED = 'embedded';

const MIB = 1_048_576;
/** `unlimited` in a scenario: Loki has no word for it, so a rate that no run reaches. */
const UNLIMITED_MIB = 1_000_000;

/** Major version by the image's tag; 3 where it does not say. */
export function lokiMajorOf(image: string): number {
  return Number(/:v?(\d+)\.\d/.exec(image)?.[1] ?? 3);
}

/** A whole config: one process, ready at once, everything below /loki. */
export function createLokiConfig(limits: SinkLimits, major: number): Record<string, unknown> {
  const server = {
    http_listen_port: 3100,
    grpc_listen_port: 9095,
    log_level: 'warn',
    grpc_server_max_recv_msg_size: limits.grpcMessageMaxBytes,
  };
  return { auth_enabled: false, server, ...(major >= 3 ? newParts(limits) : oldParts(limits)) };
}

function newParts(limits: SinkLimits): object {
  return {
    common: {
      ring: { kvstore: { store: 'inmemory' }, instance_addr: '127.0.0.1' },
      replication_factor: 1,
      path_prefix: '/loki',
    },
    ingester: { lifecycler: { min_ready_duration: '0s', final_sleep: '0s' } },
    // Without a scheduler it is ready in 0.7 s in place of 10.
    frontend: { address: '127.0.0.1' },
    frontend_worker: { frontend_address: '127.0.0.1:9095', dns_lookup_duration: '100ms' },
    query_scheduler: { use_scheduler_ring: false },
    schema_config: { configs: [schema('tsdb', 'v13', '24h')] },
    analytics: { reporting_enabled: false },
    limits_config: { discover_service_name: [], discover_log_levels: false, ...limitsOf(limits, 3) },
  };
}

function oldParts(limits: SinkLimits): object {
  const ring = { kvstore: { store: 'inmemory' }, replication_factor: 1 };
  return {
    ingester: {
      lifecycler: { address: '127.0.0.1', min_ready_duration: '0s', final_sleep: '0s', ring },
      max_transfer_retries: 0,
    },
    schema_config: { configs: [schema('boltdb', 'v11', '168h')] },
    storage_config: { boltdb: { directory: '/loki/index' }, filesystem: { directory: '/loki/chunks' } },
    limits_config: { enforce_metric_name: false, reject_old_samples: false, ...limitsOf(limits, 1) },
  };
}

function schema(store: string, version: string, period: string): object {
  return {
    from: '2020-10-24',
    store,
    object_store: 'filesystem',
    schema: version,
    index: { prefix: 'index_', period },
  };
}

/** The scenario's limits as `limits_config` of a major version. */
export function limitsOf(limits: SinkLimits, major: number): Record<string, number | string> {
  const rate = (bytes: number): number => (Number.isFinite(bytes) ? bytes / MIB : UNLIMITED_MIB);
  const size = (bytes: number): string => `${Number.isFinite(bytes) ? bytes : UNLIMITED_MIB * MIB}B`;
  const line = Number.isFinite(limits.lineMaxBytes) ? limits.lineMaxBytes : 0;
  const streams = Number.isFinite(limits.streamsMax) ? limits.streamsMax : 0;
  const common = {
    ingestion_rate_mb: rate(limits.rateBytesPerSecond),
    ingestion_burst_size_mb: rate(limits.burstBytes),
  };
  if (major < 3) return { ...common, max_line_size: line, max_streams_per_user: streams };
  return {
    ...common,
    max_line_size: `${line}B`,
    max_global_streams_per_user: streams,
    per_stream_rate_limit: size(limits.streamRateBytesPerSecond),
    per_stream_rate_limit_burst: size(limits.streamBurstBytes),
  };
}

/** What a Loki says it runs with (`/config`) against what was asked, one phrase per difference. */
export function findDifferences(asked: SinkLimits, effective: unknown, major: number): string[] {
  const read = (section: string, key: string): unknown =>
    (effective as Record<string, Record<string, unknown> | undefined> | null)?.[section]?.[key];
  const wanted: [section: string, key: string, value: unknown][] = [
    ...Object.entries(limitsOf(asked, major)).map(([key, value]) => ['limits_config', key, value] as const),
    ['server', 'grpc_server_max_recv_msg_size', asked.grpcMessageMaxBytes] as const,
  ].map(([section, key, value]) => [section, key, value]);
  return wanted
    .map(([section, key, value]) => ({ path: `${section}.${key}`, value, got: read(section, key) }))
    .filter(({ value, got }) => toBytes(value) !== toBytes(got))
    .map(({ path, value, got }) => `${path} is ${String(got)}, not ${String(value)}`);
}

const UNITS: Record<string, number> = { B: 1, KB: 1_024, MB: MIB, GB: MIB * 1_024, TB: MIB * MIB };

/** `3MB` as Loki prints it, `3145728B` as it was asked, or a number; NaN for anything else. */
function toBytes(value: unknown): number {
  const match = /^([\d.]+(?:e\+?\d+)?)\s*([KMGT]?B)?$/.exec(String(value));
  return match ? Math.round(Number(match[1]) * (UNITS[match[2] ?? 'B'] ?? 1) * 1_000) / 1_000 : Number.NaN;
}
