// Sorts a million moments without making a million objects: time and position are packed into 64-bit keys that
// the engine sorts natively. Equal times (to the unit) keep the order of their positions.

/** Positions must fit into 30 bits, which leaves 34 for the time. */
const POSITION_BITS = 30;
const TIME_STEPS = 2 ** 34 - 1;
const LOW_TIME_STEPS = 2 ** (32 - POSITION_BITS);

/** Collects moments and sorts them. */
export interface TimeOrder {
  /** Adds a moment; `position` is any number below 2^30. */
  add(atNs: number, position: number): void;
  /** Positions in order of time. Call once. */
  sort(): Uint32Array;
}

/** An empty collection. */
export function createTimeOrder(): TimeOrder {
  let times = new Float64Array(1_024);
  let positions = new Uint32Array(1_024);
  let length = 0;
  return {
    add: (atNs, position) => {
      if (length === times.length) {
        const capacity = length * 2;
        const grownTimes = new Float64Array(capacity);
        grownTimes.set(times);
        times = grownTimes;
        const grownPositions = new Uint32Array(capacity);
        grownPositions.set(positions);
        positions = grownPositions;
      }
      times[length] = atNs;
      positions[length++] = position;
    },
    sort: () => {
      const { from, unitNs } = measure(times, length);
      const keys = new BigUint64Array(length);
      const halves = new Uint32Array(keys.buffer);
      for (let index = 0; index < length; index++) {
        const step = Math.min(TIME_STEPS, Math.floor((times[index]! - from) / unitNs));
        halves[index * 2] = (step % LOW_TIME_STEPS) * 2 ** POSITION_BITS + positions[index]!;
        halves[index * 2 + 1] = Math.floor(step / LOW_TIME_STEPS);
      }
      keys.sort();
      const sorted = new Uint32Array(length);
      for (let index = 0; index < length; index++) sorted[index] = halves[index * 2]! & (2 ** POSITION_BITS - 1);
      return sorted;
    },
  };
}

/** The finest unit in which the whole span fits: a microsecond up to 4.7 hours. */
function measure(times: Float64Array, length: number): { from: number; unitNs: number } {
  let from = Number.POSITIVE_INFINITY;
  let to = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < length; index++) {
    from = Math.min(from, times[index]!);
    to = Math.max(to, times[index]!);
  }
  return { from, unitNs: Math.max(1, Math.ceil((to - from) / TIME_STEPS)) };
}
