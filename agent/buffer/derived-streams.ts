// Streams that differ by values found in lines, such as the level of a JSON log: found by a hash over the bytes of these
// values, so that a known combination costs no string.

import { fieldText } from '../codec/json-fields.ts';

/** Values in a line: the label `names[i]` has the JSON text `bytes[starts[i], ends[i])`, or none if `starts[i] < 0`. */
export interface LabelValues {
  readonly names: readonly string[];
  readonly bytes: Uint8Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

const SLOTS = 1024;

interface Slot<Target> {
  base: Target;
  parts: Uint8Array[];
  target: Target;
}

/** See the file's comment. */
export class DerivedStreams<Target> {
  private readonly slots: (Slot<Target> | undefined)[] = new Array(SLOTS).fill(undefined);
  private readonly make: (base: Target, names: readonly string[], texts: readonly string[]) => Target;

  constructor(make: (base: Target, names: readonly string[], texts: readonly string[]) => Target) {
    this.make = make;
  }

  /** The target for `base` with the values. */
  find(base: Target, values: LabelValues): Target {
    const { bytes, starts, ends } = values;
    let hash = 0;
    for (let i = 0; i < starts.length; i++) {
      const start = starts[i] as number;
      hash = (Math.imul(hash, 31) + 7) | 0;
      if (start >= 0)
        for (let at = start; at < (ends[i] as number); at++) hash = (Math.imul(hash, 31) + (bytes[at] as number)) | 0;
    }
    const index = (hash ^ (hash >>> 15)) & (SLOTS - 1);
    const slot = this.slots[index];
    if (slot !== undefined && slot.base === base && isSame(slot.parts, values)) return slot.target;
    const parts = Array.from(starts, (start, i) => (start < 0 ? NONE : bytes.slice(start, ends[i])));
    const texts = Array.from(starts, (start, i) => (start < 0 ? '' : fieldText(bytes, start, ends[i] as number)));
    const target = this.make(base, values.names, texts);
    if (target !== base) this.slots[index] = { base, parts, target };
    return target;
  }

  /** Forgets everything: targets may have been replaced. */
  clear(): void {
    this.slots.fill(undefined);
  }
}

const NONE = new Uint8Array(0);

function isSame(parts: readonly Uint8Array[], { bytes, starts, ends }: LabelValues): boolean {
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i] as Uint8Array;
    const start = starts[i] as number;
    const length = start < 0 ? 0 : (ends[i] as number) - start;
    if (part.length !== length) return false;
    for (let k = 0; k < length; k++) if (part[k] !== bytes[start + k]) return false;
  }
  return true;
}
