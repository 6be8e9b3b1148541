// The distributor's checks of each stream and entry, before any rate is looked at. What fails is left out, its
// reason kept; what passes is stored all the same.

import type { SinkLimits } from '../../model/scenario.ts';
import type { InternalLimits } from './internal-limits.ts';
import { formatLabels, type Labels, parseLabels } from './labels.ts';
import { REFUSAL_TEXTS } from './limits.ts';
import type { Metrics } from './metrics.ts';
import { incrementEqualTimes, truncateLines } from './mutate-entries.ts';
import type { PushedEntry, PushedStream } from './push-request.ts';
import { Refusal } from './refusal.ts';
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
  /** The answer where ingestion is blocked; reasons win over it. */
  blocked: Refusal | null;
}

/** What a push is checked against. */
export interface ValidationRules {
  limits: SinkLimits;
  internal: InternalLimits;
  traits: LokiTraits;
  metrics: Metrics;
  tenant: string;
  nowNs: bigint;
}

/** Checks all streams of a push. */
export function validateStreams(pushed: readonly PushedStream[], rules: ValidationRules): Validation {
  const { limits, internal, traits, metrics } = rules;
  const result: Validation = { streams: [], reasons: [], blocked: null };
  const block = traits.validates ? findBlock(rules) : null;
  for (const stream of pushed) {
    if (stream.entries.length === 0) continue;
    const labels = checkLabels(stream.labels, rules);
    if ('reason' in labels) {
      metrics.discard(labels.metric, stream.entries);
      result.reasons.push(labels.reason);
      continue;
    }
    if (block) {
      metrics.discard('blocked_ingestion', stream.entries);
      if (block.status !== 200) result.blocked = block;
      continue;
    }
    const name = formatLabels(labels.labels);
    const cut =
      traits.validates && internal.truncatesLines ? cutLines(stream.entries, limits, metrics) : stream.entries;
    const entries = cut.filter((entry) => {
      const failure = checkEntry(entry, name, rules);
      if (!failure) return true;
      metrics.discard(failure.metric, [entry]);
      result.reasons.push(failure.reason);
      return false;
    });
    const sentLabels = traits.sendsHash ? name : stream.labels;
    const sent = traits.validates && internal.incrementsTimestamps ? incrementEqualTimes(entries) : entries;
    if (sent.length > 0) result.streams.push({ labels: labels.labels, sentLabels, entries: sent });
  }
  return result;
}

/** Why nothing is taken for now, or null. */
function findBlock({ internal, nowNs, tenant }: ValidationRules): Refusal | null {
  const { blockedUntilNs, blockedStatus } = internal;
  if (blockedUntilNs === null || nowNs >= blockedUntilNs) return null;
  return new Refusal(blockedStatus, REFUSAL_TEXTS.blocked(tenant, formatRfc3339(blockedUntilNs), blockedStatus));
}

function cutLines(entries: readonly PushedEntry[], { lineMaxBytes }: SinkLimits, metrics: Metrics): PushedEntry[] {
  for (const { line } of entries) {
    if (line.length > lineMaxBytes) metrics.mutate('line_too_long', line.length - lineMaxBytes);
  }
  return truncateLines(entries, lineMaxBytes);
}

interface Failure {
  reason: string;
  metric: string;
}

function checkLabels(text: string, { internal, traits, tenant }: ValidationRules): { labels: Labels } | Failure {
  let labels: Labels;
  try {
    labels = parseLabels(text);
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    const reason = `1:${error.column}: parse error: ${error.message}`;
    return { metric: 'invalid_labels', reason: traits.validates ? REFUSAL_TEXTS.badLabels(text, reason) : reason };
  }
  const failure = traits.validates
    ? (checkLabelSet(labels, internal) ?? checkEnforced(labels, internal, tenant))
    : null;
  return failure ?? { labels };
}

function checkEnforced(labels: Labels, { enforcedLabels }: InternalLimits, tenant: string): Failure | null {
  const missing = enforcedLabels.filter((name) => !labels.some(([key]) => key === name));
  if (missing.length === 0) return null;
  return {
    metric: 'missing_enforced_labels',
    reason: REFUSAL_TEXTS.missingLabels(tenant, formatLabels(labels), missing),
  };
}

function checkLabelSet(labels: Labels, internal: InternalLimits): Failure | null {
  if (labels.length === 0) return { metric: 'missing_labels', reason: REFUSAL_TEXTS.noLabels() };
  const name = formatLabels(labels);
  const count = labels.filter(([key]) => key !== 'service_name').length;
  if (count > internal.labelNamesMax) {
    return {
      metric: 'max_label_names_per_series',
      reason: REFUSAL_TEXTS.tooManyLabels(name, count, internal.labelNamesMax),
    };
  }
  for (const [index, [key, value]] of labels.entries()) {
    if (Buffer.byteLength(key) > internal.labelNameMaxBytes) {
      return { metric: 'label_name_too_long', reason: REFUSAL_TEXTS.labelNameTooLong(name, key) };
    }
    if (Buffer.byteLength(value) > internal.labelValueMaxBytes) {
      return { metric: 'label_value_too_long', reason: REFUSAL_TEXTS.labelValueTooLong(name, value) };
    }
    if (labels[index + 1]?.[0] === key) {
      return { metric: 'duplicate_label_names', reason: REFUSAL_TEXTS.duplicateLabel(name, key) };
    }
  }
  return null;
}

function checkEntry(entry: PushedEntry, name: string, rules: ValidationRules): Failure | null {
  const { limits, internal, traits } = rules;
  if (traits.validates) {
    const failure = checkAge(entry, name, rules);
    if (failure) return failure;
  }
  if (entry.line.length > limits.lineMaxBytes) {
    const reason = REFUSAL_TEXTS.lineTooLong(limits.lineMaxBytes, name, entry.line.length);
    return { metric: 'line_too_long', reason };
  }
  return traits.validates && entry.metadata.length > 0 ? checkMetadata(entry, name, internal) : null;
}

function checkAge({ tsNs }: PushedEntry, name: string, { internal, nowNs }: ValidationRules): Failure | null {
  const oldestNs = internal.sampleAgeMaxNs === null ? null : nowNs - internal.sampleAgeMaxNs;
  if (oldestNs !== null && tsNs < oldestNs) {
    const reason = REFUSAL_TEXTS.tooOld(name, formatRfc3339(tsNs), formatRfc3339(oldestNs));
    return { metric: 'greater_than_max_sample_age', reason };
  }
  if (tsNs <= nowNs + internal.graceNs) return null;
  return { metric: 'too_far_in_future', reason: REFUSAL_TEXTS.tooNew(name, formatRfc3339(tsNs)) };
}

function checkMetadata({ metadata }: PushedEntry, name: string, internal: InternalLimits): Failure | null {
  if (!internal.allowsMetadata) {
    return { metric: 'disallowed_structured_metadata', reason: REFUSAL_TEXTS.metadataDisallowed(name) };
  }
  let bytes = 0;
  for (const [key, value] of metadata) bytes += Buffer.byteLength(key) + Buffer.byteLength(value);
  if (bytes > internal.metadataMaxBytes) {
    const reason = REFUSAL_TEXTS.metadataTooLarge(name, bytes, internal.metadataMaxBytes);
    return { metric: 'structured_metadata_too_large', reason };
  }
  if (metadata.length <= internal.metadataCountMax) return null;
  const reason = REFUSAL_TEXTS.metadataTooMany(name, metadata.length, internal.metadataCountMax);
  return { metric: 'structured_metadata_too_many', reason };
}
