// What the rows of Loki's conformance suite are given: a Loki over HTTP alone, and a stream of the test's own.

import type { TestEntry, TestStream } from '../loki-push.ts';

/** Versions that the suite knows. */
export type SuiteVersion = '3.7' | '1.6' | '2019';

export const V1 = '/loki/api/v1/push';
export const JSON_TYPE = { 'content-type': 'application/json' };
export const PROTOBUF = { 'content-type': 'application/x-protobuf' };
export const MIB = 1_048_576;
/** Time for a rate bucket of 4 MiB/s to fill again after a large push. */
export const REFILL_MS = 1_600;

/** An answer to a push. */
export interface Answer {
  status: number;
  text: string;
  type: string;
}

/** What a row is made with. */
export interface LokiSuite {
  readonly version: SuiteVersion;
  readonly url: string;
  /** Whole seconds, a minute before the suite began. */
  readonly baseNs: bigint;
  /** Number of the test that runs: `larsen-<group>` is the label of its stream. */
  readonly group: number;
  post(path: string, body: Buffer | string, headers: Record<string, string>): Promise<Answer>;
  get(path: string, params?: Record<string, string>): Promise<{ status: number; text: string }>;
  /** A stream of this test alone. */
  stream(...entries: (string | TestEntry)[]): TestStream;
  push(...streams: TestStream[]): Promise<Answer>;
  list(params?: Record<string, string>, query?: string): Promise<[string, string][]>;
  listed(params?: Record<string, string>): Promise<string[]>;
  count(query: string): Promise<string[]>;
  test(title: string, run: () => Promise<void>): void;
}
