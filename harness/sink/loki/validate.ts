// The distributor's checks of each stream and entry, before any rate is looked at. What fails is left out, its
// reason kept; what passes is stored all the same.

import type { SinkLimits } from '../../model/scenario.ts';
import { formatLabels, type Labels, parseLabels } from './labels.ts';
import { REFUSAL_TEXTS } from './limits.ts';
import type { Metrics } from './metrics.ts';
import type { PushedEntry, PushedStream } from './push-request.ts';
import { ParseError } from './text-cursor.ts';
import { formatRfc3339 } from './time.ts';
import type { LokiTraits } from './version.ts';

/** A stream whose labels are good, with the entries that passed. */
export interface ValidStream {
  labels: Labels;
  /** As sent on to the ingester: canonical, in 2019 as the client wrote it. */
  sentLabels: string;
  entries: PushedEntry[];
}

/** The valid streams, and a reason for each stream or entry that is not among them. */
export interface Validation {
  streams: ValidStream[];
  reasons: string[];
}

const SAMPLE_AGE_MAX_NS = 7n * 24n * 3_600_000_000_000n;
const GRACE_NS = 600_000_000_000n;
const LABEL_NAMES_MAX = 15;
const LABEL_NAME_BYTES_MAX = 1_024;
const LABEL_VALUE_BYTES_MAX = 2_048;
const METADATA_BYTES_MAX = 65_536;
const METADATA_COUNT_MAX = 128;

/** Checks all streams of a push. */
export function validateStreams(
  pushed: readonly PushedStream[],
  { limits, traits, metrics, nowNs }: { limits: SinkLimits; traits: LokiTraits; metrics: Metrics; nowNs: bigint },
): Validation {
  const result: Validation = { streams: [], reasons: [] };
  for (const stream of pushed) {
    if (stream.entries.length === 0) continue;
    const labels = checkLabels(stream.labels, traits);
    if ('reason' in labels) {
      metrics.discard(labels.metric, stream.entries);
      result.reasons.push(labels.reason);
      continue;
    }
    const name = formatLabels(labels.labels);
    const entries = stream.entries.filter((entry) => {
      const failure = checkEntry(entry, { name, limits, traits, nowNs });
      if (!failure) return true;
      metrics.discard(failure.metric, [entry]);
      result.reasons.push(failure.reason);
      return false;
    });
    const sentLabels = traits.sendsHash ? name : stream.labels;
    if (entries.length > 0) result.streams.push({ labels: labels.labels, sentLabels, entries });
  }
  return result;
}

interface Failure {
  reason: string;
  metric: string;
}

function checkLabels(text: string, traits: LokiTraits): { labels: Labels } | Failure {
  let labels: Labels;
  try {
    labels = parseLabels(text);
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    const reason = `1:${error.column}: parse error: ${error.message}`;
    return { metric: 'invalid_labels', reason: traits.validates ? REFUSAL_TEXTS.badLabels(text, reason) : reason };
  }
  return (traits.validates ? checkLabelSet(labels) : null) ?? { labels };
}

function checkLabelSet(labels: Labels): Failure | null {
  if (labels.length === 0) return { metric: 'missing_labels', reason: REFUSAL_TEXTS.noLabels() };
  const name = formatLabels(labels);
  const count = labels.filter(([key]) => key !== 'service_name').length;
  if (count > LABEL_NAMES_MAX) {
    return {
      metric: 'max_label_names_per_series',
      reason: REFUSAL_TEXTS.tooManyLabels(name, count, LABEL_NAMES_MAX),
    };
  }
  for (const [index, [key, value]] of labels.entries()) {
    if (Buffer.byteLength(key) > LABEL_NAME_BYTES_MAX) {
      return { metric: 'label_name_too_long', reason: REFUSAL_TEXTS.labelNameTooLong(name, key) };
    }
    if (Buffer.byteLength(value) > LABEL_VALUE_BYTES_MAX) {
      return { metric: 'label_value_too_long', reason: REFUSAL_TEXTS.labelValueTooLong(name, value) };
    }
    if (labels[index + 1]?.[0] === key) {
      return { metric: 'duplicate_label_names', reason: REFUSAL_TEXTS.duplicateLabel(name, key) };
    }
  }
  return null;
}

function checkEntry(
  entry: PushedEntry,
  { name, limits, traits, nowNs }: { name: string; limits: SinkLimits; traits: LokiTraits; nowNs: bigint },
): Failure | null {
  if (traits.validates) {
    const failure = checkAge(entry, name, nowNs);
    if (failure) return failure;
  }
  if (entry.line.length > limits.lineMaxBytes) {
    const reason = REFUSAL_TEXTS.lineTooLong(limits.lineMaxBytes, name, entry.line.length);
    return { metric: 'line_too_long', reason };
  }
  return traits.validates && entry.metadata.length > 0 ? checkMetadata(entry, name) : null;
}

function checkAge({ tsNs }: PushedEntry, name: string, nowNs: bigint): Failure | null {
  const oldestNs = nowNs - SAMPLE_AGE_MAX_NS;
  if (tsNs < oldestNs) {
    const reason = REFUSAL_TEXTS.tooOld(name, formatRfc3339(tsNs), formatRfc3339(oldestNs));
    return { metric: 'greater_than_max_sample_age', reason };
  }
  if (tsNs <= nowNs + GRACE_NS) return null;
  return { metric: 'too_far_in_future', reason: REFUSAL_TEXTS.tooNew(name, formatRfc3339(tsNs)) };
}

function checkMetadata({ metadata }: PushedEntry, name: string): Failure | null {
  let bytes = 0;
  for (const [key, value] of metadata) bytes += Buffer.byteLength(key) + Buffer.byteLength(value);
  if (bytes > METADATA_BYTES_MAX) {
    const reason = REFUSAL_TEXTS.metadataTooLarge(name, bytes, METADATA_BYTES_MAX);
    return { metric: 'structured_metadata_too_large', reason };
  }
  if (metadata.length <= METADATA_COUNT_MAX) return null;
  const reason = REFUSAL_TEXTS.metadataTooMany(name, metadata.length, METADATA_COUNT_MAX);
  return { metric: 'structured_metadata_too_many', reason };
}
