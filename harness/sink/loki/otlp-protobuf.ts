// Decodes the protobuf form of an OTLP push (opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest).
//
//   Request{1: ResourceLogs*}  ResourceLogs{1: Resource{1: attributes}, 2: ScopeLogs*}
//   ScopeLogs{1: Scope{1: name, 2: version, 3: attributes}, 2: LogRecord*}

import { type Field, readFields } from './field-reader.ts';
import type { OtlpAttribute, OtlpRecord, OtlpResource, OtlpScope } from './otlp-logs.ts';

interface Range {
  from: number;
  to: number;
}

/** The resources of a push. Throws a Refusal (400). */
export function decodeOtlpProtobuf(bytes: Buffer): OtlpResource[] {
  const resources: OtlpResource[] = [];
  readFields(bytes, { from: 0, to: bytes.length }, (field) => {
    if (isBytes(field, 1)) resources.push(decodeResource(bytes, field));
  });
  return resources;
}

function isBytes({ number, wire }: Field, wanted: number): boolean {
  return number === wanted && wire === 2;
}

function decodeResource(bytes: Buffer, range: Range): OtlpResource {
  const resource: OtlpResource = { attributes: [], scopes: [] };
  readFields(bytes, range, (field) => {
    if (isBytes(field, 1)) resource.attributes.push(...decodeAttributes(bytes, field, 1));
    else if (isBytes(field, 2)) resource.scopes.push(decodeScope(bytes, field));
  });
  return resource;
}

function decodeScope(bytes: Buffer, range: Range): OtlpScope {
  const scope: OtlpScope = { name: '', version: '', attributes: [], records: [] };
  readFields(bytes, range, (field) => {
    if (isBytes(field, 2)) scope.records.push(decodeRecord(bytes, field));
    else if (isBytes(field, 1)) {
      scope.attributes = decodeAttributes(bytes, field, 3);
      readFields(bytes, field, (inner) => {
        if (isBytes(inner, 1)) scope.name = text(bytes, inner);
        else if (isBytes(inner, 2)) scope.version = text(bytes, inner);
      });
    }
  });
  return scope;
}

function decodeRecord(bytes: Buffer, range: Range): OtlpRecord {
  const record: OtlpRecord = {
    ...{ timeNs: 0n, observedNs: 0n, severityNumber: 0, severityText: '', body: Buffer.alloc(0) },
    ...{ attributes: decodeAttributes(bytes, range, 6), traceId: '', spanId: '', flags: 0 },
  };
  readFields(bytes, range, (field) => {
    const { number, value } = field;
    if (number === 1) record.timeNs = BigInt.asIntN(64, value);
    else if (number === 11) record.observedNs = BigInt.asIntN(64, value);
    else if (number === 2) record.severityNumber = Number(BigInt.asIntN(32, value));
    else if (number === 3) record.severityText = text(bytes, field);
    else if (isBytes(field, 5)) record.body = bodyOf(bytes, field);
    else if (number === 8) record.flags = Number(value);
    else if (number === 9) record.traceId = bytes.toString('hex', field.from, field.to);
    else if (number === 10) record.spanId = bytes.toString('hex', field.from, field.to);
  });
  return record;
}

function text(bytes: Buffer, { from, to }: Range): string {
  return bytes.toString('utf8', from, to);
}

/** The attributes that a message has in its field `number`. */
function decodeAttributes(bytes: Buffer, range: Range, number: number): OtlpAttribute[] {
  const found: OtlpAttribute[] = [];
  readFields(bytes, range, (field) => {
    if (isBytes(field, number)) found.push(...Object.entries(decodePair(bytes, field, 0)).map(asAttribute));
  });
  return found;
}

function asAttribute([name, value]: [string, unknown]): OtlpAttribute {
  return [name, typeof value === 'string' ? value : JSON.stringify(value)];
}

function decodePair(bytes: Buffer, range: Range, depth: number): Record<string, unknown> {
  let key = '';
  let value: unknown = '';
  readFields(bytes, range, (field) => {
    if (isBytes(field, 1)) key = text(bytes, field);
    else if (isBytes(field, 2)) value = decodeValue(bytes, field, depth + 1);
  });
  return { [key]: value };
}

/** A string body is a view, so that bytes that are no UTF-8 stay as they are. */
function bodyOf(bytes: Buffer, range: Range): Buffer {
  let body: Buffer | null = null;
  readFields(bytes, range, (field) => {
    if (isBytes(field, 1)) body = bytes.subarray(field.from, field.to);
  });
  return body ?? Buffer.from(asAttribute(['', decodeValue(bytes, range, 0)])[1]);
}

/** Deeper than this nobody nests; a hostile body must not exhaust the stack. */
const DEPTH_MAX = 32;

function decodeValue(bytes: Buffer, range: Range, depth: number): unknown {
  let value: unknown = '';
  if (depth > DEPTH_MAX) return value;
  readFields(bytes, range, (field) => {
    const { number } = field;
    if (number === 1) value = text(bytes, field);
    else if (number === 2) value = field.value !== 0n;
    else if (number === 3) value = Number(BigInt.asIntN(64, field.value));
    else if (number === 4) value = asDouble(field.value);
    else if (number === 5) value = decodeList(bytes, field, depth);
    else if (number === 6) value = Object.assign({}, ...decodePairs(bytes, field, depth));
    else if (number === 7) value = bytes.toString('base64', field.from, field.to);
  });
  return value;
}

function decodeList(bytes: Buffer, range: Range, depth: number): unknown[] {
  const values: unknown[] = [];
  readFields(bytes, range, (field) => {
    if (isBytes(field, 1)) values.push(decodeValue(bytes, field, depth + 1));
  });
  return values;
}

function decodePairs(bytes: Buffer, range: Range, depth: number): Record<string, unknown>[] {
  const pairs: Record<string, unknown>[] = [];
  readFields(bytes, range, (field) => {
    if (isBytes(field, 1)) pairs.push(decodePair(bytes, field, depth));
  });
  return pairs;
}

function asDouble(bits: bigint): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, bits);
  return view.getFloat64(0);
}
