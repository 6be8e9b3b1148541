// OTLP pushes of logs for tests, encoded by hand and apart from the code under test.

import { bytesField, textField } from './loki-push.ts';

/** One record. */
export interface TestRecord {
  timeNs: bigint;
  observedNs?: bigint;
  /** A text, raw bytes, or a map of texts. */
  body: string | Buffer | Record<string, string>;
  attributes?: Record<string, string>;
  severityText?: string;
}

/** Everything of one resource, in one scope. */
export interface TestResource {
  attributes: Record<string, string>;
  scope?: string;
  records: TestRecord[];
}

/** An ExportLogsServiceRequest. */
export function encodeOtlpProtobuf(resources: readonly TestResource[]): Buffer {
  return Buffer.concat(
    resources.map(({ attributes, scope = '', records }) => {
      const scopeLogs = [bytesField(1, textField(1, scope)), ...records.map((one) => bytesField(2, encodeRecord(one)))];
      return bytesField(
        1,
        Buffer.concat([bytesField(1, pairs(1, attributes)), bytesField(2, Buffer.concat(scopeLogs))]),
      );
    }),
  );
}

/** The same as JSON. */
export function encodeOtlpJson(resources: readonly TestResource[]): Buffer {
  const list = (from: Record<string, string> = {}): object[] =>
    Object.entries(from).map(([key, stringValue]) => ({ key, value: { stringValue } }));
  const resourceLogs = resources.map(({ attributes, scope, records }) => ({
    resource: { attributes: list(attributes) },
    scopeLogs: [{ scope: { name: scope }, logRecords: records.map((record) => jsonRecord(record, list)) }],
  }));
  return Buffer.from(JSON.stringify({ resourceLogs }));
}

function jsonRecord(record: TestRecord, list: (from?: Record<string, string>) => object[]): object {
  const { timeNs, observedNs = 0n, body, attributes, severityText } = record;
  const isMap = typeof body === 'object' && !Buffer.isBuffer(body);
  return {
    ...{ timeUnixNano: String(timeNs), observedTimeUnixNano: String(observedNs), severityText },
    body: isMap ? { kvlistValue: { values: list(body) } } : { stringValue: String(body) },
    attributes: list(attributes),
  };
}

function encodeRecord({ timeNs, observedNs = 0n, body, attributes = {}, severityText = '' }: TestRecord): Buffer {
  const isMap = typeof body === 'object' && !Buffer.isBuffer(body);
  const value = isMap ? bytesField(6, pairs(1, body)) : bytesField(1, Buffer.from(body as string));
  return Buffer.concat([
    ...[
      fixed(1, timeNs),
      textField(3, severityText),
      bytesField(5, value),
      pairs(6, attributes),
      fixed(11, observedNs),
    ],
  ]);
}

function pairs(number: number, from: Record<string, string>): Buffer {
  return Buffer.concat(
    Object.entries(from).map(([key, value]) =>
      bytesField(number, Buffer.concat([textField(1, key), bytesField(2, bytesField(1, Buffer.from(value)))])),
    ),
  );
}

function fixed(number: number, value: bigint): Buffer {
  const bytes = Buffer.alloc(9, number * 8 + 1);
  bytes.writeBigUInt64LE(value, 1);
  return bytes;
}
