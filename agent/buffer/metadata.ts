// Structured metadata of the line under way, as the protobuf that stands behind the line in its entry:
//
//   record { container_id: "4a…", trace: "7" }  ─►  1a{0a "trace" 12 "7"}     from the Forward record, found as it is scanned
//   line   {"traceId":"9f…"}                    ─►  1a{0a "trace_id" 12 "9f…"} from the JSON of the line as it is sent
//
// There is none of this object unless the config asks for it. Values are text; nothing is kept per record.

import { cutLength } from '../codec/cut.ts';
import { fieldText, JsonFields } from '../codec/json-fields.ts';
import { varintSize, writeVarint } from '../codec/protobuf.ts';
import { RecordFields } from '../codec/record-fields.ts';
import { recordToJson } from '../codec/record-json.ts';
import type { LineMetadata, ScannedRecord } from '../model.ts';

/** Which values become metadata: the name there by the key here. */
export interface MetadataSettings {
  /** Keys of Forward records. */
  record: Readonly<Record<string, string>>;
  /** Keys of lines that are JSON. */
  json: Readonly<Record<string, string>>;
}

/** The most that the metadata of one line takes in a push: Loki allows 64 KB by default. */
export const METADATA_BYTES_MAX = 16_384;
/** Values are cut to this, not through the middle of a character. */
const VALUE_BYTES_MAX = 1024;
const BACKSLASH = 0x5c;

/** Takes personal data out of a value; gives the value back as it may be sent. */
export type ScrubValue = (key: string, value: Uint8Array) => Uint8Array;

/** See the file's comment. */
export class Metadata implements LineMetadata {
  /** The fields of the line under way are `bytes[0, length)`. */
  readonly bytes = new Uint8Array(METADATA_BYTES_MAX);
  length = 0;
  private recordLength = 0;
  private readonly recordKeys: readonly string[];
  private readonly recordFields: RecordFields | undefined;
  private readonly recordHeads: readonly Uint8Array[];
  private readonly jsonFields: JsonFields | undefined;
  private readonly jsonHeads: readonly Uint8Array[];
  private readonly scrub: ScrubValue | undefined;
  private readonly onCut: () => void;

  /** @param onCut called for each value that was cut or left out. */
  constructor(settings: MetadataSettings, onCut: () => void, scrub?: ScrubValue) {
    this.recordKeys = Object.values(settings.record);
    this.recordHeads = Object.keys(settings.record).map(encodeName);
    this.recordFields = this.recordKeys.length > 0 ? new RecordFields(this.recordKeys) : undefined;
    this.jsonHeads = Object.keys(settings.json).map(encodeName);
    this.jsonFields = this.jsonHeads.length > 0 ? new JsonFields(Object.values(settings.json)) : undefined;
    this.scrub = scrub;
    this.onCut = onCut;
  }

  /** Forgets what was found for the line before. */
  clear(): void {
    this.length = this.recordLength = 0;
  }

  /** Begins with what a record has beside its line. */
  takeRecord(record: ScannedRecord): void {
    this.clear();
    const fields = this.recordFields;
    const { bytes, view, recordStart } = record;
    if (fields === undefined || fields.find(bytes, view, recordStart) === 0) return;
    for (let i = 0; i < this.recordKeys.length; i++) {
      const start = fields.starts[i] as number;
      if (start < 0) continue;
      const text = fields.textOf(bytes, view, i);
      const head = this.recordHeads[i] as Uint8Array;
      if (text >= 0 && this.scrub === undefined) this.addRange(head, bytes, text, fields.ends[i] as number);
      else {
        const value = text < 0 ? recordToJson(bytes, view, start) : bytes.slice(text, fields.ends[i]);
        this.add(head, this.scrub?.(this.recordKeys[i] as string, value) ?? value);
      }
    }
    this.recordLength = this.length;
  }

  /** Adds what stands in the line itself. */
  takeLine(bytes: Uint8Array, start: number, length: number): void {
    const fields = this.jsonFields;
    this.length = this.recordLength;
    if (fields === undefined || fields.find(bytes, start, length) === 0) return;
    for (let i = 0; i < this.jsonHeads.length; i++) {
      const from = fields.starts[i] as number;
      if (from < 0) continue;
      const to = fields.ends[i] as number;
      const head = this.jsonHeads[i] as Uint8Array;
      if (hasByte(bytes, from, to, BACKSLASH)) this.add(head, Buffer.from(fieldText(bytes, from, to)));
      else this.addRange(head, bytes, from, to);
    }
  }

  hold(): Uint8Array | undefined {
    return this.length === 0 ? undefined : this.bytes.slice(0, this.length);
  }

  /** Does `run` for a line that was held back, with the metadata that it came with. */
  resume(held: Uint8Array | undefined, run: () => void): void {
    const { length, recordLength } = this;
    const own = length > 0 ? this.bytes.slice(0, length) : undefined;
    if (held !== undefined) this.bytes.set(held);
    this.length = this.recordLength = held?.length ?? 0;
    run();
    if (own !== undefined) this.bytes.set(own);
    this.length = length;
    this.recordLength = recordLength;
  }

  /** Pairs that were written before, as they stand behind a line: of dead letters that are replayed. */
  encode(pairs: Readonly<Record<string, string>>): Uint8Array | undefined {
    this.clear();
    for (const [name, value] of Object.entries(pairs)) this.add(encodeName(name), Buffer.from(value));
    const held = this.hold();
    this.clear();
    return held;
  }

  private add(head: Uint8Array, value: Uint8Array): void {
    this.addRange(head, value, 0, value.length);
  }

  /** Adds a pair; bytes that are no UTF-8 are made some, since the receiver takes nothing else. */
  private addRange(head: Uint8Array, source: Uint8Array, from: number, to: number): void {
    let size = to - from;
    if (size === 0) return;
    if (size > VALUE_BYTES_MAX) {
      size = cutLength(source, from, VALUE_BYTES_MAX);
      this.onCut();
    }
    for (let i = from; i < from + size; i++)
      if ((source[i] as number) >= 0x80) {
        const text = Buffer.from(source.subarray(from, from + size)).toString('utf8');
        this.write(head, Buffer.from(text.toWellFormed()));
        return;
      }
    this.write(head, source.subarray(from, from + size));
  }

  private write(head: Uint8Array, value: Uint8Array): void {
    const inner = head.length + 1 + varintSize(value.length) + value.length;
    if (this.length + inner + 6 > METADATA_BYTES_MAX) {
      this.onCut();
      return;
    }
    const { bytes } = this;
    let at = this.length;
    bytes[at] = 0x1a;
    at = writeVarint(bytes, at + 1, inner);
    bytes.set(head, at);
    at += head.length;
    bytes[at] = 0x12;
    at = writeVarint(bytes, at + 1, value.length);
    bytes.set(value, at);
    this.length = at + value.length;
  }
}

/** `1: name` of a pair. */
function encodeName(name: string): Uint8Array {
  const text = Buffer.from(name);
  const head = new Uint8Array(text.length + 6);
  head[0] = 0x0a;
  const at = writeVarint(head, 1, text.length);
  head.set(text, at);
  return head.subarray(0, at + text.length);
}

function hasByte(bytes: Uint8Array, from: number, to: number, byte: number): boolean {
  for (let at = from; at < to; at++) if (bytes[at] === byte) return true;
  return false;
}
