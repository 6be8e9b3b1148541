// A first-in first-out queue of numbers without an object per number: positions of newlines and of ids in a
// stream of millions of lines.

/** A growing circular queue of doubles. */
export interface NumberQueue {
  readonly length: number;
  push(value: number): void;
  /** The oldest number, Infinity when there is none. */
  first(): number;
  /** Removes and returns the oldest number, Infinity when there is none. */
  shift(): number;
}

/** An empty queue. */
export function createNumberQueue(): NumberQueue {
  let slots = new Float64Array(256);
  let head = 0;
  let length = 0;
  const grow = (): void => {
    const larger = new Float64Array(slots.length * 2);
    for (let index = 0; index < length; index++) larger[index] = slots[(head + index) & (slots.length - 1)]!;
    slots = larger;
    head = 0;
  };
  return {
    get length() {
      return length;
    },
    push(value) {
      if (length === slots.length) grow();
      slots[(head + length++) & (slots.length - 1)] = value;
    },
    first: () => (length === 0 ? Number.POSITIVE_INFINITY : slots[head]!),
    shift() {
      if (length === 0) return Number.POSITIVE_INFINITY;
      const value = slots[head]!;
      head = (head + 1) & (slots.length - 1);
      length--;
      return value;
    },
  };
}
