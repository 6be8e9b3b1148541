// Walks the log records of an OTLP push, as far as it takes to find their bodies. Written apart from the sink's decoder.

import { eachField, type OnEntry } from './entries.ts';

/** Whether a push at this path is OTLP: `/otlp/v1/logs` of Loki, `/v1/logs` of everybody else. */
export function isOtlpPath(path: string): boolean {
  return /\/v1\/logs(?:$|\?)/.test(path);
}

/** Field numbers from the request down to a record: resource_logs, scope_logs, log_records. */
const DOWN = [1, 2, 2];
const BODY = 5;
const STRING_VALUE = 1;

/** Walks an ExportLogsServiceRequest; false when it is torn or none. */
export function walkOtlpProtobuf(bytes: Buffer, onEntry: OnEntry): boolean {
  const walk = (from: number, to: number, depth: number): boolean => {
    if (depth === DOWN.length) return walkRecord(bytes, { from, to }, onEntry);
    return eachField(bytes, from, to, (field, start, end) => field !== DOWN[depth] || walk(start, end, depth + 1));
  };
  return walk(0, bytes.length, 0);
}

/** The line is the body: its text, or where it is no text the whole value, ids and all. */
function walkRecord(bytes: Buffer, { from, to }: { from: number; to: number }, onEntry: OnEntry): boolean {
  let line: Buffer = Buffer.alloc(0);
  const isWhole = eachField(bytes, from, to, (field, start, end) => {
    if (field !== BODY) return true;
    line = bytes.subarray(start, end);
    return eachField(bytes, start, end, (kind, textFrom, textTo) => {
      if (kind === STRING_VALUE) line = bytes.subarray(textFrom, textTo);
      return true;
    });
  });
  if (isWhole) onEntry(line);
  return isWhole;
}

/** Walks the JSON form; false when it is none. */
export function walkOtlpJson(bytes: Buffer, onEntry: OnEntry): boolean {
  let root: unknown;
  try {
    root = JSON.parse(bytes.toString('utf8'));
  } catch {
    return false;
  }
  const resources = listIn(root, 'resourceLogs');
  if (resources.length === 0 && typeof root !== 'object') return false;
  const records = resources.flatMap((one) => listIn(one, 'scopeLogs')).flatMap((one) => listIn(one, 'logRecords'));
  for (const record of records) {
    const body = valueIn(record, 'body');
    const text = valueIn(body, 'stringValue');
    onEntry(Buffer.from(typeof text === 'string' ? text : (JSON.stringify(body) ?? '')));
  }
  return true;
}

function listIn(value: unknown, name: string): unknown[] {
  const found = valueIn(value, name);
  return Array.isArray(found) ? found : [];
}

function valueIn(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
