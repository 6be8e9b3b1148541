// Reads a YAML or JSON file into plain values, safely: bounded in size, depth, aliases and count of values, with
// no cycle, no tag, no key twice. Whatever the bytes are, the outcome is a value or a HarnessError.

import { readFileSync, statSync } from 'node:fs';
import { type Document, isMap, isPair, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml';
import { HarnessError } from '../core/errors.ts';
import { describeFile } from './describe-file.ts';

/** Longest file that is read. */
export const DOCUMENT_BYTES_MAX = 1_048_576;

const DEPTH_MAX = 64;
const VALUES_MAX = 100_000;
const ALIASES_MAX = 50;

/** What a file is, for messages and codes. */
export type DocumentKind = 'SCENARIO' | 'AGENT' | 'CONFIG';

/** A path to a value in a document, such as `['faults', 0, 'at']`. */
export type KeyPath = readonly PropertyKey[];

/** A file read as plain values. */
export interface ReadDocument {
  value: unknown;
  /** The line (from 1) of the value at a path or of the nearest value around it; undefined where unknown (JSON). */
  locate(path: KeyPath): number | undefined;
}

/** Reads a file. Throws E_<kind>_UNREADABLE, _TOO_BIG or _SYNTAX. */
export function readDocument(file: string, kind: DocumentKind): ReadDocument {
  return parseText(readText(file, kind), { file, kind });
}

/** Parses the text of a file; `.json` by name, else YAML. Throws E_<kind>_SYNTAX or _TOO_BIG. */
export function parseText(source: string, { file, kind }: { file: string; kind: DocumentKind }): ReadDocument {
  try {
    const read = file.endsWith('.json')
      ? { value: JSON.parse(source) as unknown, locate: () => undefined }
      : parseYaml(source);
    checkValue(read.value, { depth: 0, parents: new Set(), budget: { left: VALUES_MAX } });
    return read;
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new HarnessError(
      `E_${kind}_SYNTAX`,
      `${describeFile(file)} can't be read as ${file.endsWith('.json') ? 'JSON' : 'YAML'}: ${reason}`,
      { cause: error },
    );
  }
}

function readText(file: string, kind: DocumentKind): string {
  let bytes: Buffer;
  try {
    const stat = statSync(file);
    if (!stat.isFile()) throw new Error('it is not a regular file');
    if (stat.size > DOCUMENT_BYTES_MAX)
      throw new HarnessError(
        `E_${kind}_TOO_BIG`,
        `${describeFile(file)} has ${stat.size} bytes; a file may have up to ${DOCUMENT_BYTES_MAX}. Make it smaller.`,
      );
    bytes = readFileSync(file);
  } catch (error) {
    if (error instanceof HarnessError) throw error;
    const reason =
      (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : (error as Error).message;
    throw new HarnessError(`E_${kind}_UNREADABLE`, `${describeFile(file)} can't be read: ${reason}. Check the path.`, {
      cause: error,
    });
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new HarnessError(`E_${kind}_SYNTAX`, `${describeFile(file)} is not UTF-8 text. Save it as UTF-8.`, {
      cause: error,
    });
  }
}

function parseYaml(text: string): ReadDocument {
  const lines = new LineCounter();
  const source = hidePlaceholders(text);
  // Our own check for keys given twice replaces `uniqueKeys`, which is quadratic: 60,000 keys took 100 s.
  const document = parseDocument(source, {
    lineCounter: lines,
    uniqueKeys: false,
    logLevel: 'error',
    version: '1.2',
    resolveKnownTags: false,
  });
  const problem = document.errors[0] ?? document.warnings[0];
  if (problem) throw new Error(showPlaceholders(problem.message), { cause: problem });
  visit(document, {
    Scalar(_, node) {
      if (typeof node.value === 'string') node.value = showPlaceholders(node.value);
    },
  });
  checkKeys(document, lines);
  const value: unknown = document.toJS({ maxAliasCount: ALIASES_MAX });
  return { value, locate: (path) => locate(document, lines, path) };
}

/**
 * `{id}` and the placeholders of agent files may stand anywhere without quotes, also inside `{ path: /static/{id} }`,
 * where YAML by itself would take them for a map. One character stands for each brace, so places stay right.
 */
function hidePlaceholders(source: string): string {
  return source.replaceAll(/\{(id|forward|sink|data|http|shared|config|package)\}/g, '\uE000$1\uE001');
}

function showPlaceholders(text: string): string {
  return text.replaceAll(/\uE000(\w+)\uE001/g, '{$1}');
}

/** Refuses a key that stands twice in one map, and keys that are not texts. */
function checkKeys(document: Document, lines: LineCounter): void {
  const open: unknown[] = [document.contents];
  while (open.length > 0) {
    const node = open.pop();
    if (isSeq(node)) for (const item of node.items) open.push(item);
    if (!isMap(node)) continue;
    const seen = new Set<string>();
    for (const { key, value } of node.items) {
      open.push(value);
      const where = isScalar(key) && key.range ? ` (line ${lines.linePos(key.range[0]).line})` : '';
      if (!isScalar(key)) throw new Error(`a key must be a plain text${where}`);
      const name = String(key.value);
      if (seen.has(name)) throw new Error(`the key \`${name}\` stands twice in one map${where}; keep one of them`);
      seen.add(name);
    }
  }
}

function checkValue(
  value: unknown,
  { depth, parents, budget }: { depth: number; parents: Set<object>; budget: { left: number } },
): void {
  if (--budget.left < 0) throw new Error(`it holds more than ${VALUES_MAX} values`);
  if (value === null || typeof value !== 'object') {
    if (typeof value === 'bigint') throw new Error('a number in it is too large');
    return;
  }
  if (depth >= DEPTH_MAX) throw new Error(`it is nested deeper than ${DEPTH_MAX} levels`);
  if (parents.has(value)) throw new Error('an alias in it stands inside its own anchor');
  const prototype: unknown = Object.getPrototypeOf(value);
  if (!Array.isArray(value) && prototype !== Object.prototype)
    throw new Error('it holds a value that is no map, list, text, number, true or false');
  if (Object.hasOwn(value, '__proto__')) throw new Error('`__proto__` is not allowed as a key');
  parents.add(value);
  for (const inner of Object.values(value)) checkValue(inner, { depth: depth + 1, parents, budget });
  parents.delete(value);
}

function locate(document: Document, lines: LineCounter, path: KeyPath): number | undefined {
  let node: unknown = document.contents;
  let offset = isScalar(node) || isMap(node) || isSeq(node) ? node.range?.[0] : undefined;
  for (const step of path) {
    const next: unknown = isMap(node)
      ? node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step))
      : undefined;
    const at = isPair(next) ? next.key : isSeq(node) ? node.items[Number(step)] : undefined;
    if (at === undefined) break;
    offset = (at as { range?: [number, number, number] }).range?.[0] ?? offset;
    node = isPair(next) ? next.value : at;
  }
  return offset === undefined ? undefined : lines.linePos(offset).line;
}
