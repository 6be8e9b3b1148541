// Writes a record that has no `log` text as one line of JSON: what a Forward client other than Docker sends would
// otherwise be lost. A slow path; values deeper than the skipper allows never get here.

import { readLength } from './msgpack.ts';

/** The JSON of the MessagePack value at `position`; bytes that are no UTF-8 become U+FFFD, ext values their hex. */
export function recordToJson(bytes: Uint8Array, view: DataView, position: number): Uint8Array {
  return Buffer.from(JSON.stringify(new Reader(bytes, view, position).value()));
}

class Reader {
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private at: number;

  constructor(bytes: Uint8Array, view: DataView, position: number) {
    this.bytes = bytes;
    this.view = view;
    this.at = position;
  }

  value(): unknown {
    const first = this.bytes[this.at++] as number;
    if (first < 0x80) return first;
    if (first < 0x90) return this.map(first & 15);
    if (first < 0xa0) return this.array(first & 15);
    if (first < 0xc0) return this.text(first & 31);
    if (first >= 0xe0) return first - 256;
    switch (first) {
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xc4:
      case 0xd9:
        return this.text(this.length(1));
      case 0xc5:
      case 0xda:
        return this.text(this.length(2));
      case 0xc6:
      case 0xdb:
        return this.text(this.length(4));
      case 0xdc:
        return this.array(this.length(2));
      case 0xdd:
        return this.array(this.length(4));
      case 0xde:
        return this.map(this.length(2));
      case 0xdf:
        return this.map(this.length(4));
      default:
        return this.number(first);
    }
  }

  private number(first: number): unknown {
    const { view } = this;
    const at = this.at;
    const size = [4, 8, 1, 2, 4, 8, 1, 2, 4, 8][first - 0xca];
    if (size === undefined) return this.extension(first);
    this.at += size;
    if (first === 0xca) return view.getFloat32(at);
    if (first === 0xcb) return view.getFloat64(at);
    if (first === 0xcc) return view.getUint8(at);
    if (first === 0xcd) return view.getUint16(at);
    if (first === 0xce) return view.getUint32(at);
    if (first === 0xcf) return Number(view.getBigUint64(at));
    if (first === 0xd0) return view.getInt8(at);
    if (first === 0xd1) return view.getInt16(at);
    return first === 0xd2 ? view.getInt32(at) : Number(view.getBigInt64(at));
  }

  private extension(first: number): unknown {
    if (first === 0xc0) return null;
    const length = first >= 0xd4 ? 2 ** (first - 0xd4) : this.length(2 ** (first - 0xc7));
    this.at += 1 + length;
    return Buffer.from(this.bytes.subarray(this.at - length, this.at)).toString('hex');
  }

  private length(width: number): number {
    this.at += width;
    return readLength(this.view, this.at - width, width);
  }

  private text(length: number): string {
    this.at += length;
    return Buffer.from(this.bytes.subarray(this.at - length, this.at)).toString();
  }

  private array(count: number): unknown[] {
    const values: unknown[] = [];
    for (let i = 0; i < count; i++) values.push(this.value());
    return values;
  }

  private map(count: number): unknown {
    const pairs: [string, unknown][] = [];
    for (let i = 0; i < count; i++) {
      const key = this.value();
      pairs.push([typeof key === 'string' ? key : JSON.stringify(key), this.value()]);
    }
    return Object.fromEntries(pairs);
  }
}
