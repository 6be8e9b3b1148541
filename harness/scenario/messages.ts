// Turns what a schema or a check found into sentences for people: file, line, key path, what was expected, what
// was got, the nearest known key. Several problems of a file are told together.

import type { z } from 'zod';
import { HarnessError } from '../core/errors.ts';
import { describeFile } from './describe-file.ts';
import { findKnownKeys } from './known-keys.ts';
import { suggest } from './nearest.ts';
import type { KeyPath } from './read-document.ts';

/** One thing that is wrong in a file. */
export interface Problem {
  path: KeyPath;
  /** What is wrong there, without the path. */
  text: string;
}

/** An issue as any zod tells it (plugins bring their own zod). */
export interface Issue {
  code?: string | undefined;
  path: PropertyKey[];
  message: string;
  keys?: string[];
  issues?: Issue[];
  errors?: Issue[][];
  values?: unknown[];
  expected?: string;
  origin?: string;
  minimum?: number | bigint;
  maximum?: number | bigint;
}

const PROBLEMS_SHOWN = 20;
const NOUNS: Record<string, string> = {
  object: 'a map',
  record: 'a map',
  array: 'a list',
  string: 'a text',
  number: 'a number',
  int: 'an integer',
  boolean: 'true or false',
};

/** What a value was parsed against and where it stands in its file. */
export interface IssueContext {
  raw: unknown;
  /** For the known keys; undefined where the part parses by a function. */
  schema: z.ZodType | undefined;
  /** Path of `raw` in the file. */
  prefix?: KeyPath;
  /** Keys that are known beside those of the schema at its top. */
  besides?: string[];
}

/** The problems behind zod issues. */
export function describeIssues(issues: readonly Issue[], context: IssueContext): Problem[] {
  return issues.flatMap((issue) => describeIssue(issue, context));
}

function describeIssue(issue: Issue, context: IssueContext): Problem[] {
  const path = [...(context.prefix ?? []), ...issue.path];
  if (issue.code === 'unrecognized_keys')
    return (issue.keys ?? []).map((key) => describeUnknownKey(key, issue, context));
  if (issue.code === 'invalid_union' && isDefaultMessage(issue.message) && issue.errors?.length)
    return chooseBranch(issue.errors).flatMap((inner) =>
      describeIssue({ ...inner, path: [...issue.path, ...inner.path] }, context),
    );
  const expected =
    issue.code === 'invalid_key' ? (issue.issues?.[0]?.message ?? 'another key') : describeExpectation(issue);
  const value = readAt(context.raw, issue.path);
  if (issue.code === 'invalid_key') return [{ path, text: `not a name that can stand here: expected ${expected}` }];
  if (value === undefined) return [{ path, text: `missing: expected ${expected}` }];
  const nearest =
    issue.code === 'invalid_value' && typeof value === 'string' ? suggest(value, (issue.values ?? []).map(String)) : '';
  return [{ path, text: `expected ${expected}, got ${describeValue(value)}${nearest && `.${nearest}`}` }];
}

function describeUnknownKey(key: string, issue: Issue, { schema, prefix, besides }: IssueContext): Problem {
  const known = [
    ...(issue.path.length === 0 ? (besides ?? []) : []),
    ...(schema ? findKnownKeys(schema, issue.path) : []),
  ];
  const list = known.length === 0 ? '' : ` Known here: ${known.join(', ')}.`;
  return { path: [...(prefix ?? []), ...issue.path, key], text: `not a known key.${suggest(key, known)}${list}` };
}

/** Zod's own sentences are reworded; those that a schema brings stand as they are. */
function describeExpectation(issue: Issue): string {
  if (!isDefaultMessage(issue.message)) return issue.message.replace(/^Expected (.*?)(?:, got .*)?$/s, '$1');
  if (issue.code === 'invalid_type') return NOUNS[issue.expected ?? ''] ?? `${issue.expected}`;
  if (issue.code === 'invalid_value' && issue.values) return `one of ${issue.values.map(String).join(', ')}`;
  const unit = issue.origin === 'string' ? ' characters' : issue.origin === 'array' ? ' entries' : '';
  if (issue.code === 'too_small') return `at least ${issue.minimum}${unit}`;
  if (issue.code === 'too_big') return `at most ${issue.maximum}${unit}`;
  return `another value (${issue.message})`;
}

function isDefaultMessage(message: string): boolean {
  return /^(Invalid |Too (small|big): |Unrecognized |Required$)/.test(message);
}

/** Of the branches of a union, the one whose issues lie deepest: the one the writer had in mind. */
function chooseBranch(branches: Issue[][]): Issue[] {
  const depth = (issues: Issue[]): number =>
    Math.max(0, ...issues.map(({ path, code }) => path.length + (code === 'unrecognized_keys' ? 1 : 0)));
  return [...branches].sort((a, b) => depth(b) - depth(a))[0] ?? [];
}

/** A value for people: `"60" (text)`, `5 (number)`, `a list`. */
export function describeValue(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'nothing (null)';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return `a map with ${Object.keys(value).slice(0, 5).join(', ') || 'no keys'}`;
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  const name = typeof value === 'string' ? 'text' : typeof value;
  return `${text.length > 60 ? `${text.slice(0, 57)}…` : text} (${name})`;
}

/** `faults[0].latncy`. */
export function describePath(path: KeyPath): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (/^[\w-]+$/.test(String(step))) text += text === '' ? String(step) : `.${String(step)}`;
    else text += `[${JSON.stringify(String(step)).slice(0, 60)}]`;
  }
  return text;
}

/** The value at a path, or undefined. */
export function readAt(value: unknown, path: KeyPath): unknown {
  let at: unknown = value;
  for (const step of path) {
    if (at === null || typeof at !== 'object' || !Object.hasOwn(at, step)) return undefined;
    at = (at as Record<PropertyKey, unknown>)[step];
  }
  return at;
}

/** Where problems stand and how the file as a whole is told. */
export interface ProblemsContext {
  code: string;
  file: string;
  locate(path: KeyPath): number | undefined;
  /** A closing sentence, e.g. that this is a file of another kind. */
  hint?: string | undefined;
}

/** The one error that tells all problems of a file. */
export function createProblemsError(
  problems: readonly Problem[],
  { code, file, locate, hint }: ProblemsContext,
): HarnessError {
  const located = problems
    .map((problem) => ({ ...problem, line: locate(problem.path) }))
    .sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
  const shown = located.slice(0, PROBLEMS_SHOWN).map(({ path, text, line }) => {
    const where = [line === undefined ? '' : `line ${line}`, describePath(path)]
      .filter((part) => part !== '')
      .join(', ');
    return where === '' ? text : `${where}: ${text}`;
  });
  if (problems.length > PROBLEMS_SHOWN) shown.push(`and ${problems.length - PROBLEMS_SHOWN} more`);
  const body =
    shown.length === 1
      ? `${describeFile(file)}: ${shown[0]}`
      : `${describeFile(file)} has ${problems.length} problems:\n${shown.map((line) => `  ${line}`).join('\n')}`;
  return new HarnessError(code, hint ? `${body}\n${hint}` : body);
}
