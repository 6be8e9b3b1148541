// The unit of time in the ledger's columns: 100 µs since load start, so that five days fit into 32 bits.

/** Nanoseconds of one tick. */
export const TICK_NS = 100_000;

/** Milliseconds since load start of a time in the columns. */
export function ticksToMs(ticks: number): number {
  return (ticks * TICK_NS) / 1e6;
}
