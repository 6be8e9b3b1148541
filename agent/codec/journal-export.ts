// Reads the journal's export format, as `journalctl --output=export` writes it: fields line by line, or with a binary length
// where a value holds a newline, and an empty line behind each entry. Bytes may be cut anywhere.
//
//   __CURSOR=s=…⏎ MESSAGE=hello⏎ ⏎          MESSAGE⏎ 05 00 00 00 00 00 00 00 a⏎b⏎c ⏎ ⏎

/** The fields of one entry that were asked for, as views that are valid during the call. */
export type JournalEntry = ReadonlyMap<string, Uint8Array>;

const NEWLINE = 0x0a;
const EQUALS = 0x3d;

/** The reader of one stream. */
export class JournalExport {
  private readonly options: { fields: readonly string[]; entryMax: number; take(entry: JournalEntry): void };
  private readonly wanted: ReadonlySet<string>;
  private rest = new Uint8Array(0);
  private entry = new Map<string, Uint8Array>();
  private entryBytes = 0;
  /** Entries that were larger than allowed, and lines that are no field. */
  malformed = 0;

  constructor(options: { fields: readonly string[]; entryMax: number; take(entry: JournalEntry): void }) {
    this.options = options;
    this.wanted = new Set(options.fields);
  }

  /** Takes the bytes of a read; false when they are not the export format, or hold a field that is too large. */
  push(chunk: Uint8Array): boolean {
    const bytes = this.rest.length === 0 ? chunk.slice() : Buffer.concat([this.rest, chunk]);
    let at = 0;
    while (at < bytes.length) {
      const next = this.takeField(bytes, at);
      if (next === REFUSED) return false;
      if (next === MORE) break;
      at = next;
    }
    this.rest = bytes.slice(at);
    return this.rest.length <= this.options.entryMax;
  }

  private takeField(bytes: Uint8Array, start: number): number {
    const lineEnd = bytes.indexOf(NEWLINE, start);
    if (lineEnd < 0) return MORE;
    if (lineEnd === start) {
      this.finishEntry();
      return start + 1;
    }
    const equals = bytes.indexOf(EQUALS, start);
    if (equals >= 0 && equals < lineEnd) {
      this.note(bytes, { start, end: equals }, { start: equals + 1, end: lineEnd });
      return lineEnd + 1;
    }
    const valueStart = lineEnd + 9;
    if (valueStart > bytes.length) return MORE;
    const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(lineEnd + 1, true);
    if (length > BigInt(this.options.entryMax)) return REFUSED;
    const valueEnd = valueStart + Number(length);
    if (valueEnd >= bytes.length) return MORE;
    if (bytes[valueEnd] !== NEWLINE) return REFUSED;
    this.note(bytes, { start, end: lineEnd }, { start: valueStart, end: valueEnd });
    return valueEnd + 1;
  }

  private note(bytes: Uint8Array, name: { start: number; end: number }, value: { start: number; end: number }): void {
    if (name.end - name.start > FIELD_CHARS_MAX) return;
    const key = Buffer.from(bytes.subarray(name.start, name.end)).toString('latin1');
    if (!this.wanted.has(key) || this.entry.has(key)) return;
    this.entryBytes += value.end - value.start;
    if (this.entryBytes <= this.options.entryMax) this.entry.set(key, bytes.slice(value.start, value.end));
  }

  private finishEntry(): void {
    const { entry } = this;
    this.entry = new Map();
    if (this.entryBytes > this.options.entryMax) this.malformed++;
    else if (entry.size > 0) this.options.take(entry);
    this.entryBytes = 0;
  }
}

/** Longest name of a field in the journal. */
const FIELD_CHARS_MAX = 64;
const MORE = -1;
const REFUSED = -2;
