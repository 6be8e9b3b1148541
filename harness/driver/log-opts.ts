// The log-opts that each driver knows, per generation of Docker, and the errors for those it does not: Docker's own
// text first, then what is meant.

import { HarnessError } from '../core/errors.ts';
import type { DriverSpec } from '../model/scenario.ts';
import type { Generation } from './version.ts';

/** Docker release that brought an option; '' where every generation has it. */
const COMMON = { tag: '', labels: '', env: '', 'env-regex': '', mode: '', 'max-buffer-size': '' };
const SINCE_20_10 = { 'labels-regex': '20.10' };
const CACHE = {
  'cache-disabled': '20.10',
  'cache-max-file': '20.10',
  'cache-max-size': '20.10',
  'cache-compress': '20.10',
};

const KNOWN: Record<DriverSpec['name'], Record<string, string>> = {
  fluentd: {
    ...COMMON,
    ...SINCE_20_10,
    ...CACHE,
    'fluentd-async': '20.10',
    'fluentd-async-connect': '',
    'fluentd-buffer-limit': '',
    'fluentd-retry-wait': '',
    'fluentd-max-retries': '',
    'fluentd-request-ack': '20.10',
    'fluentd-sub-second-precision': '',
    'fluentd-async-reconnect-interval': '23.0',
    'fluentd-write-timeout': '28.2',
    'fluentd-read-timeout': '29.0',
  },
  syslog: {
    ...COMMON,
    ...SINCE_20_10,
    ...CACHE,
    'syslog-facility': '',
    'syslog-format': '',
    'syslog-tls-ca-cert': '',
    'syslog-tls-cert': '',
    'syslog-tls-key': '',
    'syslog-tls-skip-verify': '',
  },
  'json-file': { ...COMMON, ...SINCE_20_10, 'max-size': '', 'max-file': '', compress: '' },
  local: { mode: '', 'max-buffer-size': '', 'max-size': '', 'max-file': '', compress: '' },
  none: {},
};

/** Names that a later release took away. */
const REMOVED: Record<string, { in: number; use: string }> = {
  'fluentd-async-connect': { in: 28, use: 'fluentd-async' },
};

/** Checks the keys of `driver.options`. Throws E_AGENT_DRIVER with Docker's own text for one it would refuse. */
export function checkLogOpts({ name, options }: DriverSpec, generation: Generation): void {
  const known = KNOWN[name];
  for (const key of Object.keys(options)) {
    if (key === 'fluentd-address' || key === 'syslog-address') {
      throw new HarnessError(
        'E_AGENT_DRIVER',
        `\`${key}\` is set by larsen for each run: remove it from \`driver.options\``,
      );
    }
    const since = known[key];
    const refusal = `unknown log opt '${key}' for ${name} log driver`;
    if (since === undefined) throw new HarnessError('E_AGENT_DRIVER', `${refusal}${suggest(key, Object.keys(known))}`);
    const removed = REMOVED[key];
    if (removed && generation.release >= removed.in) {
      const text = `${refusal}: Docker ${removed.in} removed it; use \`${removed.use}\``;
      throw new HarnessError('E_AGENT_DRIVER', text);
    }
    if (Number(since) > generation.release) {
      const text = `${refusal}: it came with Docker ${since}, and \`driver.docker\` is "${generation.name}"`;
      throw new HarnessError('E_AGENT_DRIVER', text);
    }
  }
}

function suggest(key: string, known: string[]): string {
  const [nearest] = known.toSorted((a, b) => distance(key, a) - distance(key, b));
  return nearest === undefined ? '; it has no options' : `; did you mean \`${nearest}\`?`;
}

/** Levenshtein distance. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const cost = from[i - 1] === to[j - 1] ? 0 : 1;
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + cost));
    }
    row = next;
  }
  return row[to.length]!;
}
