// Walks the entries of a push: only as much of each format as it takes to find where lines begin and end. Written
// apart from the sink's decoder, so that one mistake cannot fool both witnesses.

/** Called with the bytes of each entry's line; they may be reused after the call. */
export type OnEntry = (line: Buffer) => void;

/** Walks a PushRequest; false when it is torn or none. */
export function walkProtobuf(bytes: Buffer, onEntry: OnEntry): boolean {
  return eachField(bytes, 0, bytes.length, (field, from, to) => {
    if (field !== 1) return true;
    return eachField(bytes, from, to, (inStream, entryFrom, entryTo) => {
      return inStream !== 2 || walkEntry(bytes, entryFrom, entryTo, onEntry);
    });
  });
}

const NO_LINE: Buffer = Buffer.alloc(0);

function walkEntry(bytes: Buffer, from: number, to: number, onEntry: OnEntry): boolean {
  let line = NO_LINE;
  const isWhole = eachField(bytes, from, to, (field, lineFrom, lineTo) => {
    if (field === 2) line = bytes.subarray(lineFrom, lineTo);
    return true;
  });
  if (isWhole) onEntry(line);
  return isWhole;
}

type OnField = (field: number, from: number, to: number) => boolean;

/** Calls `onField` for each length-delimited field; false when the bytes are torn or the callback says so. */
export function eachField(bytes: Buffer, from: number, to: number, onField: OnField): boolean {
  let at = from;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1, count = 0; count < 10 && at < to; scale *= 128, count++) {
      const byte = bytes[at++]!;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    return -1;
  };
  while (at < to) {
    const tag = varint();
    const wire = tag % 8;
    if (tag < 8) return false;
    if (wire === 0) {
      if (varint() < 0) return false;
    } else if (wire === 1 || wire === 5) {
      at += wire === 1 ? 8 : 4;
    } else if (wire === 2) {
      const length = varint();
      if (length < 0 || at + length > to || !onField(Math.floor(tag / 8), at, at + length)) return false;
      at += length;
    } else return false;
  }
  return at === to;
}

/** Walks a JSON push of either shape; false when it is none. */
export function walkJson(bytes: Buffer, onEntry: OnEntry): boolean {
  let root: unknown;
  try {
    root = JSON.parse(bytes.toString('utf8'));
  } catch {
    return false;
  }
  const streams = field(root, 'streams');
  if (!Array.isArray(streams)) return false;
  for (const stream of streams) {
    for (const value of asArray(field(stream, 'values'))) visit(asArray(value)[1], onEntry);
    for (const entry of asArray(field(stream, 'entries'))) visit(field(entry, 'line'), onEntry);
  }
  return true;
}

function visit(line: unknown, onEntry: OnEntry): void {
  onEntry(typeof line === 'string' ? Buffer.from(line) : NO_LINE);
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function asArray(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
