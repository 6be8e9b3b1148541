// Bytes that may turn up in pushes without being the agent's own doing, because the driver brought them back into it
// before. An agent pushes what it was given within a few flushes; what it has not pushed by then it has dropped, and
// must not excuse what it makes up later. While pushes are refused or missing, nothing grows old.

/** The bytes that are still explained. */
export interface ExplainedBytes {
  /** Bytes came in that may be pushed from now on. */
  grant(bytes: number): void;
  /** How many of `bytes` in a push are explained. `isAccepted`: they are pushed for good, else they may come again. */
  explain(push: { atMs: number; bytes: number; isAccepted: boolean }): number;
}

/** Twice the longest interval between flushes that is taken for normal. */
const KEPT_MS = 30_000;
/** A longer gap between pushes is no calm time but a standstill. */
const GAP_MAX_MS = 15_000;

/** `lastingBytes` never grow old: they are known from elsewhere to come from apps. */
export function createExplainedBytes(lastingBytes: number): ExplainedBytes {
  let lasting = lastingBytes;
  let grants: { bytes: number; calmMs: number }[] = [];
  /** First grant that is not used up or too old. */
  let first = 0;
  /** Time in which pushes were accepted one after the other. */
  let calmMs = 0;
  let acceptedMs: number | undefined;
  const forgetOld = (): void => {
    while (first < grants.length && calmMs - grants[first]!.calmMs > KEPT_MS) first++;
    if (first < 1_024) return;
    grants = grants.slice(first);
    first = 0;
  };
  /** The oldest first, and what never grows old last. */
  const spend = (bytes: number): void => {
    let rest = bytes;
    while (rest > 0 && first < grants.length) {
      const grant = grants[first]!;
      const taken = Math.min(grant.bytes, rest);
      grant.bytes -= taken;
      rest -= taken;
      if (grant.bytes === 0) first++;
    }
    lasting = Math.max(0, lasting - rest);
  };
  return {
    grant: (bytes) => void grants.push({ bytes, calmMs }),
    explain: ({ atMs, bytes, isAccepted }) => {
      const gapMs = isAccepted && acceptedMs !== undefined ? atMs - acceptedMs : 0;
      if (gapMs > 0 && gapMs <= GAP_MAX_MS) calmMs += gapMs;
      acceptedMs = isAccepted ? atMs : undefined;
      forgetOld();
      let explained = lasting;
      for (let index = first; index < grants.length && explained < bytes; index++) explained += grants[index]!.bytes;
      explained = Math.min(explained, bytes);
      if (isAccepted) spend(explained);
      return explained;
    },
  };
}
