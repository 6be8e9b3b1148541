// Cuts a stream of bytes into messages: at a byte (newline, NUL), or by a count in front of each (RFC 6587 octet counting,
// told from newlines by the first byte of a message). Messages within one read are not copied; only one that two reads
// share is gathered.

/** How messages are told apart; `syslog` is octet counting or newlines, message by message. */
export type Framing = 'newline' | 'nul' | 'syslog';

/** Takes one message: `bytes[start, end)`, valid during the call. */
export type TakeMessage = (bytes: Uint8Array, start: number, end: number) => void;

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;
const COUNT_DIGITS_MAX = 8;

/** The framer of one connection. */
export class Framer {
  private readonly options: { framing: Framing; messageMax: number; take: TakeMessage };
  private readonly delimiter: number;
  private rest: Uint8Array<ArrayBuffer> = NOTHING;
  private restLength = 0;
  /** The delimiter of the message under way is not in front of this place. */
  private searchedTo = 0;
  /** Bytes of a message that is too long are skipped up to its delimiter. */
  private skipping = false;

  /** @param options.messageMax a longer message is cut to this length; one with a longer count is refused. */
  constructor(options: { framing: Framing; messageMax: number; take: TakeMessage }) {
    this.options = options;
    this.delimiter = options.framing === 'nul' ? 0 : NEWLINE;
  }

  /** Memory of the unfinished message. */
  get pendingBytes(): number {
    return this.rest.length;
  }

  /** Takes the bytes of a read; false when they cannot be framed and the connection is of no more use. */
  push(bytes: Uint8Array, start: number, end: number): boolean {
    const known = this.restLength;
    if (known === 0) return this.work(bytes, start, end);
    const length = known + end - start;
    this.restLength = 0;
    // A message that comes byte by byte costs no more than its bytes: they are put behind it, and only they are searched.
    const fits = length <= this.restMax;
    if (fits) this.reserve(length, known);
    const joined = fits ? this.rest.subarray(0, length) : new Uint8Array(length);
    if (!fits) joined.set(this.rest.subarray(0, known));
    joined.set(bytes.subarray(start, end), known);
    this.searchedTo = known;
    return this.work(joined, 0, length);
  }

  /** The stream has ended: what has no delimiter yet is a message if that is how messages end. */
  finish(): void {
    const { restLength, rest } = this;
    this.restLength = 0;
    const counted = this.options.framing === 'syslog' && isDigit(rest[0]);
    if (restLength > 0 && !this.skipping && !counted) this.emit(rest, 0, restLength);
    this.rest = NOTHING;
  }

  /** The longest unfinished message, with its count. */
  private get restMax(): number {
    return this.options.messageMax + COUNT_DIGITS_MAX + 1;
  }

  private work(bytes: Uint8Array, start: number, end: number): boolean {
    let at = start;
    while (at < end) {
      const next =
        this.options.framing === 'syslog' && !this.skipping && isDigit(bytes[at])
          ? this.takeCounted(bytes, at, end)
          : this.takeDelimited(bytes, at, end);
      if (next === REFUSED) return false;
      if (next === MORE) break;
      at = next;
    }
    this.searchedTo = 0;
    return this.keep(bytes, at, end);
  }

  private takeDelimited(bytes: Uint8Array, start: number, end: number): number {
    const found = bytes.indexOf(this.delimiter, Math.max(start, this.searchedTo));
    if (found < 0 || found >= end) return MORE;
    if (this.skipping) this.skipping = false;
    else this.emit(bytes, start, found);
    return found + 1;
  }

  private takeCounted(bytes: Uint8Array, start: number, end: number): number {
    let count = 0;
    let at = start;
    while (at < end && isDigit(bytes[at])) count = count * 10 + (bytes[at++] as number) - 0x30;
    if (at - start > COUNT_DIGITS_MAX || count > this.options.messageMax) return REFUSED;
    if (at >= end) return MORE;
    if (bytes[at] !== SPACE) return REFUSED;
    if (at + 1 + count > end) return MORE;
    this.emit(bytes, at + 1, at + 1 + count);
    return at + 1 + count;
  }

  private emit(bytes: Uint8Array, start: number, end: number): void {
    let to = end;
    while (to > start && this.delimiter === NEWLINE && (bytes[to - 1] === NEWLINE || bytes[to - 1] === RETURN)) to--;
    if (to > start) this.options.take(bytes, start, Math.min(to, start + this.options.messageMax));
  }

  private keep(bytes: Uint8Array, start: number, end: number): boolean {
    const length = end - start;
    if (this.skipping) return true;
    if (length > this.restMax) {
      // What is there is passed on, cut; the rest of it is skipped.
      this.emit(bytes, start, start + this.options.messageMax);
      this.skipping = true;
      this.rest = NOTHING;
      return true;
    }
    if (length === 0) this.rest = NOTHING;
    else if (bytes.buffer === this.rest.buffer) this.rest.copyWithin(0, start, end);
    else {
      this.reserve(length, 0);
      this.rest.set(bytes.subarray(start, end));
    }
    this.restLength = length;
    return true;
  }

  /** Makes room for `length` bytes; the first `known` ones stay. */
  private reserve(length: number, known: number): void {
    if (length <= this.rest.length) return;
    const memory = new Uint8Array(Math.max(length, Math.min(2 * length, this.restMax)));
    memory.set(this.rest.subarray(0, known));
    this.rest = memory;
  }
}

const NOTHING = new Uint8Array(0);
const MORE = -1;
const REFUSED = -2;

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}
