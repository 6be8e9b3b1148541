// The Loki output: pushes to <url>/loki/api/v1/push. A sealed batch is already what Loki wants, protobuf in snappy's block
// format; JSON is for receivers that do not know it, and costs a decoding.

import { parseLabels, readEntries } from '../codec/push-reader.ts';
import { nanosText } from '../codec/time-text.ts';
import type { Output } from '../model.ts';
import type { Clock, Net } from '../ports.ts';
import { createHttpOutput, type HttpSettings } from './http.ts';
import { readLokiAnswer } from './loki-answer.ts';

/** Settings of a Loki output, see config/output-loki.ts. */
export interface LokiSettings extends HttpSettings {
  tenant?: string | undefined;
  format: 'protobuf' | 'json';
}

/** Creates the output. */
export function createLokiOutput(settings: LokiSettings, ports: { net: Net; clock: Clock }): Output {
  const isJson = settings.format === 'json';
  const headers = {
    ...(settings.tenant === undefined ? {} : { 'X-Scope-OrgID': settings.tenant }),
    ...(isJson
      ? { 'Content-Type': 'application/json' }
      : { 'Content-Type': 'application/x-protobuf', 'Content-Encoding': 'snappy' }),
  };
  const encode = isJson ? encodeJson : (sealed: Uint8Array) => sealed;
  return createHttpOutput(settings, { path: '/loki/api/v1/push', headers, encode, read: readLokiAnswer }, ports);
}

function encodeJson(sealed: Uint8Array): Uint8Array {
  const streams = new Map<string, [string, string, Record<string, string>?][]>();
  for (const { labels, seconds, nanos, line, metadata } of readEntries(sealed)) {
    const values = streams.get(labels) ?? [];
    streams.set(labels, values);
    const ns = nanosText({ seconds, nanos });
    const text = Buffer.from(line).toString('utf8');
    values.push(metadata === undefined ? [ns, text] : [ns, text, metadata]);
  }
  return Buffer.from(
    JSON.stringify({ streams: [...streams].map(([labels, values]) => ({ stream: parseLabels(labels), values })) }),
  );
}
