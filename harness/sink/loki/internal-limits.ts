// The limits of Loki that no scenario sets, with the defaults of 3.7. They hold where the version validates at all;
// `increment_duplicate_timestamp`, blocked ingestion and the like are off, as in a Loki that nobody configured.

/** Keys of `limits_config` beside SinkLimits. Sizes in bytes of UTF-8. */
export interface InternalLimits {
  /** `max_label_names_per_series`; `service_name` is not counted. */
  labelNamesMax: number;
  labelNameMaxBytes: number;
  labelValueMaxBytes: number;
  /** `reject_old_samples_max_age`; null: `reject_old_samples: false`. */
  sampleAgeMaxNs: bigint | null;
  /** `creation_grace_period`: how far ahead of the clock an entry may be. */
  graceNs: bigint;
  /** `allow_structured_metadata`. */
  allowsMetadata: boolean;
  /** Names and values of one entry together. */
  metadataMaxBytes: number;
  metadataCountMax: number;
  /** `block_ingestion_until`, Unix ns; null: not blocked. */
  blockedUntilNs: bigint | null;
  /** `block_ingestion_status_code`; 200 drops without a word. */
  blockedStatus: number;
  /** `increment_duplicate_timestamp`. */
  incrementsTimestamps: boolean;
  /** `auth_enabled`: each request names its tenant in X-Scope-OrgID. */
  authEnabled: boolean;
  /** `enforced_labels`: each stream has to have them. */
  enforcedLabels: readonly string[];
  /** `max_query_length`. */
  queryLengthMaxNs: bigint;
  /** `max_query_series`. */
  querySeriesMax: number;
  /** `max_entries_limit_per_query`. */
  queryEntriesMax: number;
  /** `max_line_size_truncate`: a line that is too long is cut, not refused. */
  truncatesLines: boolean;
}

const SECOND_NS = 1_000_000_000n;

/** Defaults of 3.7. */
export const INTERNAL_LIMITS: Readonly<InternalLimits> = {
  labelNamesMax: 15,
  labelNameMaxBytes: 1_024,
  labelValueMaxBytes: 2_048,
  sampleAgeMaxNs: 7n * 24n * 3_600n * SECOND_NS,
  graceNs: 600n * SECOND_NS,
  allowsMetadata: true,
  metadataMaxBytes: 65_536,
  metadataCountMax: 128,
  blockedUntilNs: null,
  blockedStatus: 260,
  incrementsTimestamps: false,
  truncatesLines: false,
  authEnabled: false,
  enforcedLabels: [],
  queryLengthMaxNs: 721n * 3_600n * SECOND_NS,
  querySeriesMax: 500,
  queryEntriesMax: 5_000,
};
