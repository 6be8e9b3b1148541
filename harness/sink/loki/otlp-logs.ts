// What an OTLP push of logs holds once decoded, whatever it was encoded as, and how Loki makes streams of it: some
// attributes of the resource become labels, everything else that is not the body goes beside the line.
//
//   resource ─ attributes ─► labels (the list below) and metadata
//     └ scope ─ name, version, attributes ─► metadata
//         └ record ─ body ─► line;  attributes, severity, trace ─► metadata

import { formatLabels, type Labels, sortLabels } from './labels.ts';
import type { PushedStream } from './push-request.ts';

/** Name and value as text. */
export type OtlpAttribute = readonly [name: string, value: string];

/** One log record. */
export interface OtlpRecord {
  timeNs: bigint;
  observedNs: bigint;
  severityNumber: number;
  severityText: string;
  /** The text of the body: as it is where that is a string, else as JSON. */
  body: Buffer;
  attributes: OtlpAttribute[];
  /** Hex, '' where there is none. */
  traceId: string;
  spanId: string;
  flags: number;
}

/** The records of one scope. */
export interface OtlpScope {
  name: string;
  version: string;
  attributes: OtlpAttribute[];
  records: OtlpRecord[];
}

/** Everything of one resource. */
export interface OtlpResource {
  attributes: OtlpAttribute[];
  scopes: OtlpScope[];
}

/** Attributes of a resource that become labels: `distributor.otlp_config.default_resource_attributes_as_index_labels`. */
const INDEXED = new Set([
  'service.name',
  'service.namespace',
  'service.instance.id',
  'deployment.environment',
  'deployment.environment.name',
  'cloud.region',
  'cloud.availability_zone',
  'k8s.cluster.name',
  'k8s.namespace.name',
  'k8s.pod.name',
  'k8s.container.name',
  'container.name',
  'k8s.replicaset.name',
  'k8s.deployment.name',
  'k8s.statefulset.name',
  'k8s.daemonset.name',
  'k8s.cronjob.name',
  'k8s.job.name',
]);

/** The streams that Loki makes of it. A resource without a service gets `service_name="unknown_service"`. */
export function streamsOfOtlp(resources: readonly OtlpResource[]): PushedStream[] {
  const streams = new Map<string, PushedStream>();
  for (const { attributes, scopes } of resources) {
    const indexed = attributes.filter(([name]) => INDEXED.has(name));
    const labels = formatLabels(labelsOf(indexed));
    const beside = attributes.filter(([name]) => !INDEXED.has(name)).map(sanitize);
    let stream = streams.get(labels);
    if (!stream) {
      stream = { labels, entries: [] };
      streams.set(labels, stream);
    }
    for (const scope of scopes) {
      const common = [...beside, ...scopeMetadata(scope)];
      for (const record of scope.records) {
        const tsNs = record.timeNs === 0n ? record.observedNs : record.timeNs;
        stream.entries.push({ tsNs, line: record.body, metadata: [...recordMetadata(record), ...common] });
      }
    }
  }
  return [...streams.values()];
}

function labelsOf(attributes: OtlpAttribute[]): Labels {
  const labels = attributes.map(sanitize);
  const hasService = labels.some(([name]) => name === 'service_name');
  return sortLabels(hasService ? labels : [...labels, ['service_name', 'unknown_service'] as const]);
}

/** Dots and whatever else no label may have become `_`; a name must not begin with a digit. */
function sanitize([name, value]: OtlpAttribute): OtlpAttribute {
  const clean = name.replace(/[^A-Za-z0-9_]/g, '_');
  return [/^[0-9]/.test(clean) ? `key_${clean}` : clean, value];
}

function scopeMetadata({ name, version, attributes }: OtlpScope): OtlpAttribute[] {
  const found: OtlpAttribute[] = attributes.map(sanitize);
  if (name !== '') found.push(['scope_name', name]);
  if (version !== '') found.push(['scope_version', version]);
  return found;
}

function recordMetadata(record: OtlpRecord): OtlpAttribute[] {
  const found: OtlpAttribute[] = record.attributes.map(sanitize);
  if (record.severityNumber !== 0) found.push(['severity_number', String(record.severityNumber)]);
  if (record.severityText !== '') found.push(['severity_text', record.severityText]);
  if (record.observedNs !== 0n) found.push(['observed_timestamp', String(record.observedNs)]);
  if (record.flags !== 0) found.push(['flags', String(record.flags)]);
  if (record.traceId !== '') found.push(['trace_id', record.traceId]);
  if (record.spanId !== '') found.push(['span_id', record.spanId]);
  return found;
}
