// The token bucket behind both rate limits, and Loki's texts for everything it refuses, verbatim: agents match on
// them and people search for them.

/** Tokens that refill continuously up to a burst. A request above the burst is refused for ever. */
export interface TokenBucket {
  /** Takes `bytes` tokens if they are there; otherwise takes none. */
  allow(nowNs: bigint, bytes: number): boolean;
}

/** A full bucket. An infinite rate allows everything. */
export function createTokenBucket({ perSecond, burst }: { perSecond: number; burst: number }): TokenBucket {
  let tokens = burst;
  let lastNs: bigint | null = null;
  return {
    allow(nowNs, bytes) {
      if (perSecond === Number.POSITIVE_INFINITY) return true;
      const elapsedNs = lastNs === null || nowNs < lastNs ? 0 : Number(nowNs - lastNs);
      lastNs = nowNs;
      tokens = Math.min(burst, tokens + (elapsedNs / 1e9) * perSecond);
      if (bytes > tokens) return false;
      tokens -= bytes;
      return true;
    },
  };
}

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB', 'PB', 'EB'];

/** A size as Loki prints it: the largest unit that divides it evenly, e.g. `3MB`, `1500B`. */
export function formatByteSize(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value !== 0 && value % 1_024 === 0 && unit < UNITS.length - 1) {
    value /= 1_024;
    unit++;
  }
  return `${value}${UNITS[unit]}`;
}

const ASK_ADMINISTRATOR = 'contact your Loki administrator to see if the limit can be increased';

export const REFUSAL_TEXTS = {
  noStreams: () => 'error at least one valid stream is required for ingestion',
  noLabels: () => 'error at least one label pair is required per stream',
  badLabels: (labels: string, reason: string) => `error parsing labels '${labels}' with error: ${reason}`,
  rateLimited: (tenant: string, { limit, lines, bytes }: { limit: number; lines: number; bytes: number }) =>
    `ingestion rate limit exceeded for user ${tenant} (limit: ${limit} bytes/sec) while attempting to ingest '${lines}' lines totaling '${bytes}' bytes, reduce log volume or ${ASK_ADMINISTRATOR}`,
  rateLimited2019: (limit: number, lines: number) =>
    `ingestion rate limit (${limit}) exceeded while adding ${lines} lines`,
  streamRateLimited: (limit: number, labels: string, bytes: number) =>
    `Per stream rate limit exceeded (limit: ${formatByteSize(limit)}/sec) while attempting to ingest for stream '${labels}' totaling ${formatByteSize(bytes)}, consider splitting a stream via additional labels or ${ASK_ADMINISTRATOR}`,
  tooManyStreams: (tenant: string, labels: string) =>
    `maximum active stream limit exceeded when trying to create stream ${labels}, reduce the number of active streams (reduce labels or reduce label values), or ${ASK_ADMINISTRATOR}, user: '${tenant}'`,
  tooManyStreams2019: (limit: number) => `per-user streams limit (${limit}) exceeded`,
  lineTooLong: (limit: number, labels: string, bytes: number) =>
    `max entry size '${limit}' bytes exceeded for stream '${labels}' while adding an entry with length '${bytes}' bytes`,
  tooManyLabels: (labels: string, count: number, limit: number) =>
    `entry for stream '${labels}' has ${count} label names; limit ${limit}`,
  labelNameTooLong: (labels: string, name: string) => `stream '${labels}' has label name too long: '${name}'`,
  labelValueTooLong: (labels: string, value: string) => `stream '${labels}' has label value too long: '${value}'`,
  duplicateLabel: (labels: string, name: string) => `stream '${labels}' has duplicate label name: '${name}'`,
  tooOld: (labels: string, time: string, oldest: string) =>
    `entry for stream '${labels}' has timestamp too old: ${time}, oldest acceptable timestamp is: ${oldest}`,
  tooNew: (labels: string, time: string) => `entry for stream '${labels}' has timestamp too new: ${time}`,
  tooFarBehind: (time: string, oldest: string) =>
    `entry too far behind, entry timestamp is: ${time}, oldest acceptable timestamp is: ${oldest}`,
  outOfOrder2019: (labels: string) => `entry out of order for stream: ${labels}`,
  metadataDisallowed: (labels: string) =>
    `stream '${labels}' includes structured metadata, but this feature is disallowed. Please see \`limits_config.allow_structured_metadata\` or contact your Loki administrator to enable it`,
  metadataTooLarge: (labels: string, bytes: number, limit: number) =>
    `stream '${labels}' has structured metadata too large: '${bytes}' bytes, limit: '${limit}' bytes. Please see \`limits_config.max_structured_metadata_size\` or contact your Loki administrator to increase it`,
  metadataTooMany: (labels: string, count: number, limit: number) =>
    `stream '${labels}' has too many structured metadata labels: '${count}', limit: '${limit}'. Please see \`limits_config.max_structured_metadata_entries_count\` or contact your Loki administrator to increase it`,
  missingLabels: (tenant: string, labels: string, missing: readonly string[]) =>
    `missing required labels ${missing.join(',')} for user ${tenant} for stream ${labels}`,
  blocked: (tenant: string, until: string, status: number) =>
    `ingestion blocked for user '${tenant}' until '${until}' with status code '${status}'`,
  queryTooLong: (length: string, limit: string) =>
    `the query time range exceeds the limit (query length: ${length}, limit: ${limit})`,
  tooManySeries: (limit: number) => `maximum number of series (${limit}) reached for a single query`,
  tooManyEntries: (asked: number, limit: number) =>
    `max entries limit per query exceeded, limit > max_entries_limit_per_query (${asked} > ${limit})`,
  messageTooLarge: (bytes: number, limit: number) =>
    `rpc error: code = ResourceExhausted desc = grpc: received message larger than max (${bytes} vs. ${limit})`,
  bodyTooLarge: (bytes: number, limit: number) => `request body too large: ${bytes} bytes, limit: ${limit} bytes`,
} as const;
