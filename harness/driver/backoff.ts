// How long the fluentd client waits before it dials again, with the library's own arithmetic: 64-bit signed
// integers that overflow. The base is multiplied *before* the cap, so after about 1 h 23 min of outage the product
// wraps: two immediate retries, a minute, and then a wait of centuries. That is real, and it is kept.

const NS_PER_MS = 1_000_000n;
/** What converting a double beyond the range to an integer gives on amd64. */
const INT64_MIN = -(2n ** 63n);

/** Terms of a client's backoff, ms. `capMs` null: uncapped (fluentd client of Docker 18.09 and before). */
export interface BackoffTerms {
  retryWaitMs: number;
  capMs: number | null;
}

/** Milliseconds to wait after failed dial number `attempt` (from 0): base × trunc(1.5^(attempt-1)), 0 = at once. */
export function backoffMs(attempt: number, { retryWaitMs, capMs }: BackoffTerms): number {
  let waitMs = BigInt.asIntN(64, BigInt(Math.trunc(retryWaitMs)) * growth(attempt - 1));
  if (capMs !== null && waitMs > BigInt(capMs)) waitMs = BigInt(capMs);
  const waitNs = BigInt.asIntN(64, waitMs * NS_PER_MS);
  return waitNs <= 0n ? 0 : Number(waitNs) / 1e6;
}

/** trunc(1.5^exponent) as the 64-bit integer that the library gets. */
function growth(exponent: number): bigint {
  if (exponent < 0) return 0n;
  const power = powerBySquaring(1.5, exponent);
  return power >= 2 ** 63 ? INT64_MIN : BigInt(Math.trunc(power));
}

/** Repeated squaring, which rounds as the library's own pow does; Math.pow may differ in the last bit. */
function powerBySquaring(base: number, exponent: number): number {
  let result = 1;
  for (let left = exponent, factor = base; left > 0; left = Math.floor(left / 2), factor *= factor) {
    if (left % 2 === 1) result *= factor;
  }
  return result;
}
