// One push through Loki, in the order in which the real one looks at it:
//
//   decode (400, 413) → no stream (422) → labels, ages, lengths (kept for later) → ingestion rate (429, all of it)
//   → message to the ingester (500, all of it) → streams (429, 400, each for itself) → what was kept (400) → 204

import type { SinkLimits } from '../../model/scenario.ts';
import { decodePushBody, type PushBody } from './decode-body.ts';
import { grpcMessageBytes } from './grpc-size.ts';
import type { InternalLimits } from './internal-limits.ts';
import { hashLabels } from './labels.ts';
import { createTokenBucket, REFUSAL_TEXTS } from './limits.ts';
import type { Metrics } from './metrics.ts';
import { entryBytes } from './push-request.ts';
import { Refusal } from './refusal.ts';
import type { StreamStore } from './streams.ts';
import { type Validation, type ValidStream, validateStreams } from './validate.ts';
import type { LokiTraits } from './version.ts';

/** What pushes go through. */
export interface PushPath {
  limits: SinkLimits;
  internal: InternalLimits;
  traits: LokiTraits;
  store: StreamStore;
  metrics: Metrics;
  tenant: string;
}

/** Takes pushes; throws a Refusal for every answer but 204. */
export function createPush(path: PushPath): (push: PushBody, nowNs: bigint) => void {
  const { limits, traits, store, metrics, tenant } = path;
  const bucket = createTokenBucket({ perSecond: limits.rateBytesPerSecond, burst: limits.burstBytes });

  const checkRate = (streams: readonly ValidStream[], nowNs: bigint): void => {
    let lines = 0;
    let bytes = 0;
    for (const { entries } of streams) {
      lines += entries.length;
      for (const entry of entries) bytes += entryBytes(entry);
    }
    metrics.receive(lines, bytes);
    if (bucket.allow(nowNs, bytes)) return;
    for (const { entries } of streams) metrics.discard('rate_limited', entries);
    const limit = Math.floor(limits.rateBytesPerSecond);
    const text = traits.modernHttp
      ? REFUSAL_TEXTS.rateLimited(tenant, { limit, lines, bytes })
      : REFUSAL_TEXTS.rateLimited2019(limit, lines);
    throw new Refusal(429, text);
  };

  return (push, nowNs) => {
    metrics.pushFormat = push.shape === 'otlp' ? 'otlp' : 'loki';
    const pushed = decodePushBody(push, traits);
    if (pushed.length === 0 && traits.modernHttp) throw new Refusal(422, REFUSAL_TEXTS.noStreams());
    const { streams, reasons, blocked } = validateStreams(pushed, { ...path, nowNs });
    checkRate(streams, nowNs);
    checkMessage(streams, limits.grpcMessageMaxBytes, traits);
    let refusal: Refusal | null = null;
    for (const { labels, entries } of streams) refusal = store.push(labels, entries, nowNs) ?? refusal;
    if (refusal) throw refusal;
    if (reasons.length > 0) throw new Refusal(400, traits.modernHttp ? groupReasons(reasons) : reasons.at(-1)!);
    if (blocked) throw blocked;
  };
}

function checkMessage(streams: Validation['streams'], maxBytes: number, traits: LokiTraits): void {
  const sized = streams.map(({ labels, sentLabels, entries }) => ({
    labels: sentLabels,
    hash: traits.sendsHash ? hashLabels(labels) : null,
    entries,
  }));
  const bytes = grpcMessageBytes(sized);
  if (bytes > maxBytes) throw new Refusal(500, REFUSAL_TEXTS.messageTooLarge(bytes, maxBytes));
}

/** Equal reasons are counted, different ones joined. */
function groupReasons(reasons: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const counted = counts.size > 1 || reasons.length > 1;
  return [...counts].map(([reason, count]) => (counted ? `${count} errors like: ${reason}` : reason)).join('; ');
}
