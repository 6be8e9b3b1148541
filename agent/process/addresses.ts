// Finds an IPv4 or IPv6 address around a byte of a line, and shortens it to its network. Works on bytes, makes nothing.

const ZERO = 0x30;
const DOT = 0x2e;
const COLON = 0x3a;

/** Digits 1, hexadecimal letters 2; everything else 0. */
const HEX = new Uint8Array(256);
for (let digit = 0; digit < 10; digit++) HEX[ZERO + digit] = 1;
for (let letter = 0; letter < 6; letter++) HEX[0x41 + letter] = HEX[0x61 + letter] = 2;

/** True for a decimal digit. */
export function isDigit(byte: number | undefined): boolean {
  return HEX[byte ?? 0] === 1;
}

/** True for a digit of a hexadecimal number. */
export function isHex(byte: number | undefined): boolean {
  return HEX[byte ?? 0] !== 0;
}

/** Where the address that was found begins and ends, and what it is made of. */
export class AddressMatch {
  start = 0;
  end = 0;
  /** IPv4: where its last number begins. IPv6: where an IPv4 address at its end has its last number, or -1. */
  lastStart = 0;
  /** IPv6: its eight groups. */
  readonly groups = new Uint16Array(8);
}

/**
 * Looks for an IPv4 address whose first dot is at `dot`, within `[from, end)`. `a.0.0.0` is none: browsers call
 * themselves Chrome/120.0.0.0, and no person has an address that ends so.
 */
export function matchIpv4(
  bytes: Uint8Array,
  dot: number,
  range: { from: number; end: number },
  match: AddressMatch,
): boolean {
  let start = dot;
  while (start > range.from && dot - start < 4 && HEX[bytes[start - 1] as number] === 1) start--;
  return readIpv4(bytes, start, range.end, match);
}

function readIpv4(bytes: Uint8Array, start: number, end: number, match: AddressMatch): boolean {
  let at = start;
  let later = 0;
  for (let part = 0; part < 4; part++) {
    if (part > 0) {
      if (at >= end || bytes[at] !== DOT) return false;
      at++;
    }
    const first = at;
    let value = 0;
    while (at < end && at - first < 4 && HEX[bytes[at] as number] === 1)
      value = value * 10 + (bytes[at++] as number) - ZERO;
    if (at === first || at - first > 3 || value > 255) return false;
    if (part > 0) later += value;
    match.lastStart = first;
  }
  match.start = start;
  match.end = at;
  return later > 0;
}

/** Looks for an IPv6 address whose first colon is at `colon`, within `[from, end)`. `::` alone is none. */
export function matchIpv6(
  bytes: Uint8Array,
  colon: number,
  range: { from: number; end: number },
  match: AddressMatch,
): boolean {
  const { from, end } = range;
  let start = colon;
  while (start > from && colon - start < 5 && HEX[bytes[start - 1] as number] !== 0) start--;
  // A \b before a hexadecimal digit is the escape of a JSON string; any other word that ends so is no address.
  if (colon - start > 4 || (start > from && isWord(bytes[start - 1] as number) && !isEscape(bytes, start - 1, from)))
    return false;
  const { groups } = match;
  groups.fill(0);
  match.lastStart = -1;
  let count = 0;
  let gapAt = -1;
  let at = start;
  if (at === colon) {
    if (bytes[at + 1] !== COLON || at + 1 >= end) return false;
    gapAt = 0;
    at += 2;
  }
  for (;;) {
    const first = at;
    let value = 0;
    while (at < end && at - first < 5 && HEX[bytes[at] as number] !== 0)
      value = value * 16 + hexValue(bytes[at++] as number);
    if (at === first) break;
    if (at - first > 4) return false;
    if (at < end && bytes[at] === DOT && count <= 6 && readTail(bytes, first, end, match)) {
      groups[count] = groups[count + 1] = 1;
      count += 2;
      at = match.end;
      break;
    }
    if (count === 8) return false;
    groups[count++] = value;
    if (at >= end || bytes[at] !== COLON) break;
    if (at + 1 < end && bytes[at + 1] === COLON) {
      if (gapAt >= 0) return false;
      gapAt = count;
      at += 2;
    } else if (at + 1 < end && HEX[bytes[at + 1] as number] !== 0) at++;
    else break;
  }
  match.start = start;
  match.end = at;
  if (count === 0 || (at < end && isWord(bytes[at] as number))) {
    match.end = 0;
    return false;
  }
  if (gapAt < 0) return count === 8;
  if (count === 8) return false;
  for (let left = count - 1, right = 7; left >= gapAt; left--, right--) {
    groups[right] = groups[left] as number;
    if (left !== right) groups[left] = 0;
  }
  return true;
}

function readTail(bytes: Uint8Array, start: number, end: number, match: AddressMatch): boolean {
  const found = readIpv4(bytes, start, end, match);
  if (!found) match.lastStart = -1;
  return found;
}

function hexValue(byte: number): number {
  return byte <= 0x39 ? byte - ZERO : (byte & 0xdf) - 0x37;
}

function isWord(byte: number): boolean {
  return (
    (byte >= ZERO && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a) || byte === 0x5f
  );
}

/** The letter of \n, \r, \t and the like. */
function isEscape(bytes: Uint8Array, at: number, from: number): boolean {
  return at > from && bytes[at - 1] === 0x5c;
}

/** The /48 of an IPv6 address as text. */
export function networkOfIpv6(match: AddressMatch): Uint8Array {
  const kept = [...match.groups.subarray(0, 3)];
  while (kept.at(-1) === 0) kept.pop();
  return Buffer.from(`${kept.map((group) => group.toString(16)).join(':')}::`);
}
