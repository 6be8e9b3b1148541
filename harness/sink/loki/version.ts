// The two eras of Loki that the embedded sink speaks, and what differs between them beside the limits. `3.7` behaves
// as a 3.7 single binary with discover_service_name, discover_log_levels and query_ingesters_within switched off;
// `2019` as the v0.1 of May 2019: one rule for order, duplicates stored, entries hardly checked.

import type { SinkLimits } from '../../model/scenario.ts';
import { SINK_LIMITS, type SINK_VERSIONS } from '../../model/sink-limits.ts';

export type LokiVersion = (typeof SINK_VERSIONS)[number];

/** Behaviour that hangs on the version. */
export interface LokiTraits {
  /** Equal time, line and metadata in a stream are stored once while the earlier one can still be seen. */
  deduplicates: boolean;
  /** Entries older than the stream's last are refused; otherwise only those an hour behind its newest. */
  strictOrder: boolean;
  /** Content types are parsed, gzip and deflate understood, an empty push is a 422. */
  modernHttp: boolean;
  /** The message to the ingester carries a hash per stream and canonical labels. */
  sendsHash: boolean;
  /** Ages of entries, label and metadata sizes are checked. */
  validates: boolean;
  buildVersion: string;
}

/** Traits by version. */
export const LOKI_TRAITS: Record<LokiVersion, LokiTraits> = {
  '3.7': {
    deduplicates: true,
    strictOrder: false,
    modernHttp: true,
    sendsHash: true,
    validates: true,
    buildVersion: '3.7.6',
  },
  '2019': {
    deduplicates: false,
    strictOrder: true,
    modernHttp: false,
    sendsHash: false,
    validates: false,
    buildVersion: '0.1.0',
  },
};

/** Limits when a scenario sets none; a copy. */
export function defaultLimits(version: LokiVersion): SinkLimits {
  return { ...SINK_LIMITS[version] };
}
