// Finds values of a Forward record by key in its bytes: for structured metadata, and only where it is configured. The
// scanner has been over the record before, so that every length in it is known to be true.

import { isTextHeader, readLength, textWidth, ValueSkipper } from './msgpack.ts';

/** See the file's comment. */
export class RecordFields {
  /** Where the value of the key at the same index begins, header included; -1 if it is missing or nil. */
  readonly starts: Int32Array;
  /** Where it ends. */
  readonly ends: Int32Array;
  private readonly keys: readonly Uint8Array[];
  private readonly skipper = new ValueSkipper(Number.MAX_SAFE_INTEGER);
  private textStart = 0;
  private textEnd = 0;

  constructor(keys: readonly string[]) {
    this.keys = keys.map((key) => Buffer.from(key));
    this.starts = new Int32Array(keys.length);
    this.ends = new Int32Array(keys.length);
  }

  /** Looks at the map that begins at `position`. Returns how many keys were found. */
  find(bytes: Uint8Array, view: DataView, position: number): number {
    this.starts.fill(-1);
    const first = bytes[position] as number;
    const width = first === 0xde ? 2 : first === 0xdf ? 4 : 0;
    let left = width === 0 ? first & 15 : readLength(view, position + 1, width);
    let at = position + 1 + width;
    let found = 0;
    for (; left > 0 && found < this.keys.length; left--) {
      const value = this.skip(bytes, view, at);
      const index = this.readText(bytes, view, at) ? this.indexOf(bytes) : -1;
      at = this.skip(bytes, view, value);
      if (index < 0 || (this.starts[index] as number) >= 0 || bytes[value] === 0xc0) continue;
      this.starts[index] = value;
      this.ends[index] = at;
      found++;
    }
    return found;
  }

  /** Where the text of the value at `index` begins; -1 if the value is no text. Its end is that of the value. */
  textOf(bytes: Uint8Array, view: DataView, index: number): number {
    return this.readText(bytes, view, this.starts[index] as number) ? this.textStart : -1;
  }

  private skip(bytes: Uint8Array, view: DataView, position: number): number {
    this.skipper.reset(position);
    return this.skipper.next(bytes, view, bytes.length);
  }

  private readText(bytes: Uint8Array, view: DataView, position: number): boolean {
    const first = bytes[position] as number;
    if (!isTextHeader(first)) return false;
    const width = textWidth(first);
    this.textStart = position + 1 + width;
    this.textEnd = this.textStart + (width === 0 ? first & 31 : readLength(view, position + 1, width));
    return true;
  }

  private indexOf(bytes: Uint8Array): number {
    const { keys, textStart } = this;
    const length = this.textEnd - textStart;
    for (let k = 0; k < keys.length; k++) {
      const key = keys[k] as Uint8Array;
      if (key.length !== length) continue;
      let i = 0;
      while (i < length && key[i] === bytes[textStart + i]) i++;
      if (i === length) return k;
    }
    return -1;
  }
}
