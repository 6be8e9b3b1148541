// An amount over time (bytes, mostly) in slots of 250 ms since load start: what checkers ask of rates.

/** Length of a slot; witnesses report at this pace. */
export const SLOT_MS = 250;

/** An amount over time. Amounts before load start are not kept. */
export interface Flow {
  add(ms: number, amount: number): void;
  /** The whole amount. */
  total(): number;
  /** The amount in slots that begin in [fromMs, toMs). */
  sum(fromMs: number, toMs: number): number;
  /** End of the last slot that holds anything; 0 when empty. */
  endMs(): number;
}

/** An empty flow. */
export function createFlow(): Flow {
  let slots = new Float64Array(512);
  let used = 0;
  let all = 0;
  return {
    add: (ms, amount) => {
      if (ms < 0 || amount === 0) return;
      const slot = Math.floor(ms / SLOT_MS);
      if (slot >= slots.length) {
        const grown = new Float64Array(Math.ceil((slot + 1) * 1.6));
        grown.set(slots);
        slots = grown;
      }
      slots[slot]! += amount;
      used = Math.max(used, slot + 1);
      all += amount;
    },
    total: () => all,
    sum: (fromMs, toMs) => {
      let sum = 0;
      const last = Math.min(used, Math.ceil(toMs / SLOT_MS));
      for (let slot = Math.max(0, Math.ceil(fromMs / SLOT_MS)); slot < last; slot++) sum += slots[slot]!;
      return sum;
    },
    endMs: () => used * SLOT_MS,
  };
}

/** The largest amount in any stretch of `windowMs`. */
export function findPeak(flow: Flow, windowMs: number): number {
  let peak = 0;
  for (let from = 0; from < flow.endMs(); from += SLOT_MS) peak = Math.max(peak, flow.sum(from, from + windowMs));
  return peak;
}
