// What differs between the generations of Docker's fluentd driver. Everything that asks "which Docker?" asks here.

import { HarnessError } from '../core/errors.ts';

/** One behaviour of the driver. */
export interface Generation {
  /** As written in `driver.docker`. */
  name: '18.09' | '20.10' | '28' | '29';
  /** The release whose log-opts it knows, as a number. */
  release: number;
  /** What `fluentd-buffer-limit` counts. */
  bufferUnit: 'bytes' | 'messages';
  /** Largest wait between two dials, ms; null: none. */
  backoffCapMs: number | null;
  /** Pieces of long lines carry all four partial fields; before, `partial_message` alone. */
  fourPartialFields: boolean;
  /** The fourth element of a message is a map; before, nil. */
  optionMap: boolean;
  /** Lines a second that the daemon writes at most about dropped messages. */
  reportsPerSecond: number;
  /** Whether such a line shows the message: the library's errors of the others have an empty one. */
  reportsPayload: boolean;
  /**
   * Whether what is still in shim, FIFO and the daemon's copy buffer arrives after a container that ended while its
   * driver was stalled; otherwise only what the daemon's byte pipe has.
   */
  drainsPipes: boolean;
  /** What the library takes for 0: buffer limit, retry wait (ms), retries. */
  zeroMeans: { bufferLimit: number; retryWaitMs: number; maxRetries: number };
}

const SINCE_28 = {
  bufferUnit: 'messages',
  backoffCapMs: 60_000,
  fourPartialFields: true,
  optionMap: true,
  reportsPerSecond: 333,
  drainsPipes: true,
  zeroMeans: { bufferLimit: 8_192, retryWaitMs: 500, maxRetries: 13 },
} as const;

const GENERATIONS: readonly Generation[] = [
  {
    name: '18.09',
    release: 18.09,
    bufferUnit: 'bytes',
    backoffCapMs: null,
    fourPartialFields: false,
    optionMap: false,
    reportsPerSecond: Number.POSITIVE_INFINITY,
    reportsPayload: false,
    drainsPipes: false,
    zeroMeans: { bufferLimit: 8_388_608, retryWaitMs: 500, maxRetries: 13 },
  },
  {
    name: '20.10',
    release: 20.1,
    bufferUnit: 'messages',
    backoffCapMs: 60_000,
    fourPartialFields: true,
    optionMap: true,
    reportsPerSecond: Number.POSITIVE_INFINITY,
    reportsPayload: false,
    drainsPipes: false,
    zeroMeans: { bufferLimit: 8_192, retryWaitMs: 500, maxRetries: 13 },
  },
  // From 28.2 on, which brought fluentd-write-timeout.
  { name: '28', release: 28.5, reportsPayload: false, ...SINCE_28 },
  { name: '29', release: 29, reportsPayload: true, ...SINCE_28 },
];

/** The behaviour named in `driver.docker` (`20.10`, or a patch release of it). Throws E_AGENT_DRIVER for others. */
export function findGeneration(docker: string): Generation {
  const found = GENERATIONS.find(({ name }) => docker === name || docker.startsWith(`${name}.`));
  if (found) return found;
  const names = GENERATIONS.map(({ name }) => `"${name}"`).join(', ');
  throw new HarnessError('E_AGENT_DRIVER', `Expected \`driver.docker\` to be one of ${names}, got "${docker}"`);
}
