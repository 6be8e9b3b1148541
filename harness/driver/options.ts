// From the `driver` of an agent file to what the emulated driver does: Docker's log-opts verbatim win over the
// short forms, Docker's defaults fill the rest, and what Docker would refuse is refused with its words.

import { describeError, HarnessError } from '../core/errors.ts';
import type { DriverSpec } from '../model/scenario.ts';
import { checkLogOpts } from './log-opts.ts';
import { parseGoBoolean, parseGoDuration, parseGoUint, parseRamInBytes } from './parse-go.ts';
import { parseGoPattern } from './parse-go-pattern.ts';
import { findGeneration, type Generation } from './version.ts';

const RETRIES_MAX = 2_147_483_647;
const RING_BYTES_DEFAULT = 1_000_000;

/** A log driver with every option decided. */
export interface DriverSettings {
  name: DriverSpec['name'];
  generation: Generation;
  /** From 20.10: a queue between copier and socket. 18.09: the first dial alone does not block the start. */
  async: boolean;
  /** Bytes of lines in the ring of `mode=non-blocking`, null in `mode=blocking`. */
  ringBytes: number | null;
  /** Bytes in 18.09, messages later. */
  bufferLimit: number;
  retryWaitMs: number;
  maxRetries: number;
  requestAck: boolean;
  /** A write that takes longer fails and is made again over a new connection; 0: never. */
  writeTimeoutMs: number;
  /** An acknowledgement that takes longer fails like a write; 0: never. */
  readTimeoutMs: number;
  /** Async: a connection older than this is replaced before the next message; 0: never. */
  reconnectIntervalMs: number;
  subSecond: boolean;
  /** The log-opts as they were given: a tag may name them. */
  config: Record<string, string>;
  /** Template of the tag, null where the run's own default is used. */
  tag: string | null;
  /** Which labels and environment variables are added to each record. */
  extras: { labels: string[]; labelsRegex: RegExp | null; env: string[]; envRegex: RegExp | null };
}

/** Decides every option of a driver. Throws E_AGENT_DRIVER for what that Docker would refuse. */
export function parseDriverOptions(spec: DriverSpec): DriverSettings {
  const generation = findGeneration(spec.docker);
  checkLogOpts(spec, generation);
  const { options } = spec;
  const read = <Value>(key: string, parse: (text: string) => Value, otherwise: Value): Value => {
    const text = options[key];
    if (text === undefined || text === '') return otherwise;
    try {
      return parse(text);
    } catch (error) {
      throw new HarnessError('E_AGENT_DRIVER', `\`driver.options.${key}\`: ${describeError(error)}`);
    }
  };
  const { zeroMeans } = generation;
  return {
    name: spec.name,
    generation,
    async: parseAsync(spec, generation, read),
    ringBytes: parseRing(spec, read),
    bufferLimit: read('fluentd-buffer-limit', parseRamInBytes, spec.bufferLimit) || zeroMeans.bufferLimit,
    retryWaitMs: Math.trunc(read('fluentd-retry-wait', parseGoDuration, spec.retryWaitMs)) || zeroMeans.retryWaitMs,
    maxRetries: read('fluentd-max-retries', parseRetries, RETRIES_MAX) || zeroMeans.maxRetries,
    requestAck: read('fluentd-request-ack', parseGoBoolean, false),
    writeTimeoutMs: read('fluentd-write-timeout', (text) => parseTimeout('fluentd-write-timeout', text), 0),
    readTimeoutMs: read('fluentd-read-timeout', (text) => parseTimeout('fluentd-read-timeout', text), 0),
    reconnectIntervalMs: read('fluentd-async-reconnect-interval', parseReconnectInterval, 0),
    subSecond: read('fluentd-sub-second-precision', parseGoBoolean, false),
    config: options,
    tag: options.tag || null,
    extras: {
      labels: splitList(options.labels),
      labelsRegex: read('labels-regex', parseGoPattern, null),
      env: splitList(options.env),
      envRegex: read('env-regex', parseGoPattern, null),
    },
  };
}

type Read = <Value>(key: string, parse: (text: string) => Value, otherwise: Value) => Value;

function parseAsync({ async, options }: DriverSpec, generation: Generation, read: Read): boolean {
  const connect = options['fluentd-async-connect'];
  if (generation.bufferUnit === 'bytes') return read('fluentd-async-connect', parseGoBoolean, async);
  if (connect && options['fluentd-async']) {
    const text = "conflicting options: cannot specify both 'fluentd-async' and 'fluentd-async-connect'";
    throw new HarnessError('E_AGENT_DRIVER', `${text}: in Docker 20.10 the second is an old name of the first`);
  }
  return read(connect ? 'fluentd-async-connect' : 'fluentd-async', parseGoBoolean, async);
}

function parseRing({ mode, options }: DriverSpec, read: Read): number | null {
  const chosen = options.mode || mode;
  if (chosen !== 'blocking' && chosen !== 'non-blocking') {
    throw new HarnessError('E_AGENT_DRIVER', `logger: logging mode not supported: ${chosen}`);
  }
  if (chosen === 'non-blocking') return read('max-buffer-size', parseRingSize, RING_BYTES_DEFAULT);
  if (options['max-buffer-size'] === undefined) return null;
  const text = "logger: max-buffer-size option is only supported with 'mode=non-blocking'";
  throw new HarnessError('E_AGENT_DRIVER', text);
}

function parseRingSize(text: string): number {
  return withContext('error parsing option max-buffer-size', () => parseRamInBytes(text));
}

function parseRetries(text: string): number {
  const count = parseGoUint(text);
  if (count > RETRIES_MAX) throw new Error('invalid fluentd-max-retries: value out of range');
  return count;
}

const RECONNECT_MIN_MS = 100;
const RECONNECT_MAX_MS = 10_000;

function parseReconnectInterval(text: string): number {
  const name = 'invalid value for fluentd-async-reconnect-interval';
  const ms = withContext(name, () => parseGoDuration(text));
  if (ms === 0 || (ms >= RECONNECT_MIN_MS && ms <= RECONNECT_MAX_MS)) return Math.trunc(ms);
  throw new Error(`${name}: value ("${text}") must be between 100ms and 10s`);
}

function parseTimeout(option: string, text: string): number {
  const name = `invalid value for ${option}`;
  const ms = withContext(`${name}: value must be a duration`, () => parseGoDuration(text));
  if (ms >= 0) return ms;
  throw new Error(`${name}: value must be a duration that is non-negative`);
}

function withContext<Value>(context: string, parse: () => Value): Value {
  try {
    return parse();
  } catch (error) {
    throw new Error(`${context}: ${describeError(error)}`);
  }
}

/** Blanks stay, as in Docker: of `a, b` the second is a label named ` b`. */
function splitList(text: string | undefined): string[] {
  return text ? text.split(',') : [];
}
