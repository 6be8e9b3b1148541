// Undoes snappy's block format. The agent needs it only to take a refused batch apart, so it is plain rather than fast.

/** The decoded bytes of one snappy block. Throws a RangeError if the block is damaged or decodes to over `sizeMax` bytes. */
export function decompress(block: Uint8Array, sizeMax: number): Uint8Array {
  const { length, position } = readPreamble(block);
  if (length > sizeMax) throw new RangeError(`snappy block claims ${length} bytes, allowed are ${sizeMax}`);
  const output = new Uint8Array(length);
  let at = 0;
  for (let input = position; input < block.length; ) {
    const element = readElement(block, input);
    input = element.next;
    if (at + element.length > length) throw new RangeError('snappy block is longer than it claims');
    if (element.offset === 0) {
      if (input + element.length > block.length) throw new RangeError('snappy literal is cut short');
      output.set(block.subarray(input, input + element.length), at);
      input += element.length;
    } else {
      if (element.offset > at) throw new RangeError('snappy copy reaches before the start');
      for (let i = 0; i < element.length; i++) output[at + i] = output[at + i - element.offset] as number;
    }
    at += element.length;
  }
  if (at !== length) throw new RangeError('snappy block is shorter than it claims');
  return output;
}

function readPreamble(block: Uint8Array): { length: number; position: number } {
  let length = 0;
  for (let i = 0; i < 5 && i < block.length; i++) {
    const byte = block[i] as number;
    length += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return { length, position: i + 1 };
  }
  throw new RangeError('snappy preamble is damaged');
}

/** One element's header; `offset` 0 means a literal. */
function readElement(block: Uint8Array, position: number): { length: number; offset: number; next: number } {
  const tag = block[position] as number;
  const kind = tag & 3;
  if (kind === 0) {
    const n = tag >>> 2;
    const width = n < 60 ? 0 : n - 59;
    return {
      length: (width === 0 ? n : readLittle(block, position + 1, width)) + 1,
      offset: 0,
      next: position + 1 + width,
    };
  }
  if (kind === 1) {
    const offset = ((tag >>> 5) << 8) | readLittle(block, position + 1, 1);
    return { length: ((tag >>> 2) & 7) + 4, offset: notZero(offset), next: position + 2 };
  }
  const width = kind === 2 ? 2 : 4;
  return {
    length: (tag >>> 2) + 1,
    offset: notZero(readLittle(block, position + 1, width)),
    next: position + 1 + width,
  };
}

function readLittle(block: Uint8Array, position: number, width: number): number {
  if (position + width > block.length) throw new RangeError('snappy element is cut short');
  let value = 0;
  for (let i = width - 1; i >= 0; i--) value = value * 256 + (block[position + i] as number);
  return value;
}

function notZero(offset: number): number {
  if (offset === 0) throw new RangeError('snappy copy has offset 0');
  return offset;
}
