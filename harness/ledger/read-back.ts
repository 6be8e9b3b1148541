// Reads the sink's entries and says of each what it is: the line itself (appended to `lines/<app>.bin` as stored),
// a quotation of lines (echoed), a canary, or something without an id. Each entry is exactly one of these.
//
// Loki answers in JSON and shows bytes that are not UTF-8 as U+FFFD: a line that held such bytes is compared in the form
// in which they can be shown (model/shown-text.ts).

import { join } from 'node:path';
import type { LineWrapper } from '../model/agent.ts';
import { createLineIdScanner, type LineIdScanner, type OnLineId } from '../model/line-id.ts';
import { HOPS, LINE_KINDS, STORED_FORMS } from '../model/line-record.ts';
import { createLineWriter, type LineWriter } from '../model/line-writer.ts';
import type { SinkEntry } from '../model/parts.ts';
import type { ReadBackFacts } from '../model/run-record.ts';
import { unwrapLine } from '../model/unwrap.ts';
import { classifyLine, type FoundId, type StoredForm } from './classify-line.ts';
import { isMerged } from './find-merged.ts';
import { createPieceJoiner, type JoinedLine, type PieceJoiner } from './join-pieces.ts';
import type { WrittenLookup } from './written-lookup.ts';

/** What reading back needs. */
export interface ReadBackInput {
  entries: AsyncIterable<SinkEntry>;
  /** `<run>` in line ids. */
  run: string;
  apps: readonly string[];
  wrapper: LineWrapper;
  /** The run's `lines` folder. */
  linesDir: string;
  written: WrittenLookup;
  /** Monotonic time of the sighting, for the records. */
  nowNs(): number;
}

/** What the sink held. listedEntries = deliveries + echoes + idLessEntries + canaries + pieces + foreignEntries. */
export interface ReadBackSummary extends Required<Omit<ReadBackFacts, 'countedEntries'>> {
  /** Canaries of preflight, in whatever form. */
  canaries: { entries: number; bytes: number };
  /** Entries that were joined to the piece before them. */
  pieces: number;
  /** At most 20 texts without an id, of at most 200 characters. */
  idLessSamples: string[];
}

const SAMPLES_MAX = 20;
const SAMPLE_CHARACTERS = 200;
const SEQ_MAX = 0xffff_ffff;
const SINK = HOPS.indexOf('sink');

/** Classifies every entry and appends the records. Throws when the sink or the disk fails. */
export async function classifyEntries(input: ReadBackInput): Promise<ReadBackSummary> {
  const reader = new SinkReader(input);
  try {
    for await (const entry of input.entries) reader.add(entry);
    reader.flushPieces();
  } finally {
    reader.close();
  }
  return reader.summary;
}

class SinkReader {
  readonly summary: ReadBackSummary = {
    listedEntries: 0,
    deliveries: 0,
    echoes: 0,
    idLessEntries: 0,
    idLessBytes: 0,
    idLessSamples: [],
    canaries: { entries: 0, bytes: 0 },
    pieces: 0,
    foreignEntries: 0,
    foreignBytes: 0,
    phantomSamples: [],
  };
  readonly #input: ReadBackInput;
  readonly #scanner: LineIdScanner;
  readonly #joiner: PieceJoiner;
  readonly #writers = new Map<string, LineWriter>();
  readonly #isBare: boolean;
  #found: FoundId[] = [];
  readonly #collect: OnLineId = (id) => void this.#found.push(id);

  constructor(input: ReadBackInput) {
    this.#input = input;
    this.#isBare = input.wrapper.kind === 'auto' || input.wrapper.kind === 'unlearnable';
    this.#scanner = createLineIdScanner(input.run, input.apps);
    this.#joiner = createPieceJoiner((line) => this.#settleJoined(line));
  }

  add(entry: SinkEntry): void {
    this.summary.listedEntries++;
    const text = typeof entry.line === 'string' ? Buffer.from(entry.line) : Buffer.from(entry.line);
    this.#found = [];
    this.#scanner.scan(text, this.#collect);
    const inText = this.#found.length;
    if (entry.metadata)
      for (const value of Object.values(entry.metadata)) this.#scanner.scan(Buffer.from(value), this.#collect);
    const found = this.#found;
    if (found.length === 0) this.#addIdLess(entry, text);
    else if (found.every((id) => id.canary)) {
      this.summary.canaries.entries++;
      this.summary.canaries.bytes += text.length;
    } else if (found.every(isForeign)) this.#addForeign(text);
    else if (!this.#addLine(entry, text, inText)) this.#addEcho(found, text);
  }

  flushPieces(): void {
    this.#joiner.flush();
  }

  close(): void {
    for (const writer of this.#writers.values()) writer.close();
  }

  /** Tries to recognise the entry as the one line it is; false when it only quotes lines. */
  #addLine(entry: SinkEntry, text: Buffer, inText: number): boolean {
    const all = this.#found;
    const unwrapped = this.#unwrap(text);
    const inside = unwrapped === text ? all.slice(0, inText) : this.#scan(unwrapped);
    const id = inside[0];
    if (inside.length !== 1 || !id || isForeign(id) || id.canary) return false;
    const app = this.#input.apps[id.appIndex]!;
    const written = this.#input.written.find(app, id.seq);
    const form = classifyLine(unwrapped, id, written) ?? this.#guess(all);
    // Beside other ids only the very bytes of the line prove that it is the line.
    if (form === null || (form !== 'exact' && (inText > 1 || all.length > 1))) return false;
    if (!written) this.#samplePhantom(text);
    if (form === 'truncated' && this.#joiner.begin({ app, id, entry, unwrapped, written })) return true;
    this.#appendStored(app, id, { form, tNs: Number(entry.tNs), bytes: unwrapped.length });
    const others = all.filter((other) => other.appIndex !== id.appIndex || other.seq !== id.seq);
    if (others.length > 0) this.#appendEchoes(others, all.length);
    return true;
  }

  #scan(text: Buffer): FoundId[] {
    const found: FoundId[] = [];
    this.#scanner.scan(text, (id) => void found.push(id));
    return found;
  }

  /** Where the wrapper could not be learned, a lone id must stand for its line: parity by id, bytes unverified. */
  #guess(all: FoundId[]): StoredForm | null {
    return this.#isBare && all.length === 1 ? 'unverified' : null;
  }

  /** Entries that are not wrapped as learned are tried bare: equal bytes need no wrapper. */
  #unwrap(text: Buffer): Buffer {
    return this.#isBare ? text : (unwrapLine(text, this.#input.wrapper) ?? text);
  }

  #addIdLess(entry: SinkEntry, text: Buffer): void {
    if (this.#joiner.continue(entry, this.#unwrap(text))) return;
    this.#countIdLess(text.length, text);
  }

  #countIdLess(bytes: number, text: Buffer): void {
    this.summary.idLessEntries++;
    this.summary.idLessBytes += bytes;
    if (this.summary.idLessSamples.length < SAMPLES_MAX) this.summary.idLessSamples.push(sample(text));
  }

  #addForeign(text: Buffer): void {
    this.summary.foreignEntries++;
    this.summary.foreignBytes += text.length;
    this.#samplePhantom(text);
  }

  #addEcho(found: FoundId[], text: Buffer): void {
    this.summary.echoes++;
    this.#appendEchoes(found, found.length, this.#isMerged(text));
  }

  #isMerged(text: Buffer): boolean {
    if (this.#found.length < 2) return false;
    const unwrapped = this.#unwrap(text);
    const inside = (unwrapped === text ? this.#found : this.#scan(unwrapped)).filter(
      (id) => !isForeign(id) && !id.canary,
    );
    return isMerged(inside, ({ appIndex, seq }) => this.#input.written.find(this.#input.apps[appIndex]!, seq));
  }

  /** One record per line that is quoted, whatever number of times it is. */
  #appendEchoes(found: FoundId[], idsInEntry: number, merged = false): void {
    const seen = new Set<string>();
    for (const id of found) {
      const key = `${id.appIndex} ${id.seq}`;
      if (isForeign(id) || id.canary || seen.has(key)) continue;
      seen.add(key);
      this.#writer(this.#input.apps[id.appIndex]!).append(
        LINE_KINDS.echoed,
        SINK,
        idsInEntry,
        id.seq,
        this.#input.nowNs(),
        merged ? 1 : 0,
        0,
        id.crc,
      );
    }
  }

  #appendStored(
    app: string,
    id: FoundId,
    { form, tNs, bytes }: { form: StoredForm; tNs: number; bytes: number },
  ): void {
    this.summary.deliveries++;
    this.#writer(app).append(
      LINE_KINDS.stored,
      SINK,
      STORED_FORMS.indexOf(form),
      id.seq,
      this.#input.nowNs(),
      tNs,
      bytes,
      id.crc,
    );
  }

  #settleJoined(line: JoinedLine): void {
    const form = line.isWhole ? 'split' : 'truncated';
    this.#appendStored(line.app, line.id, { form, tNs: line.tNs, bytes: line.bytes });
    if (line.isWhole) this.summary.pieces += line.continuations.length;
    else for (const piece of line.continuations) this.#countIdLess(piece.length, piece);
  }

  #samplePhantom(text: Buffer): void {
    if (this.summary.phantomSamples.length < SAMPLES_MAX) this.summary.phantomSamples.push(sample(text));
  }

  #writer(app: string): LineWriter {
    const writer = this.#writers.get(app) ?? createLineWriter(join(this.#input.linesDir, `${app}.bin`));
    this.#writers.set(app, writer);
    return writer;
  }
}

/** An id that no record of an app can hold. */
function isForeign(id: FoundId): boolean {
  return id.appIndex === -1 || id.seq > SEQ_MAX;
}

function sample(text: Buffer): string {
  return text.toString('utf8', 0, SAMPLE_CHARACTERS * 4).slice(0, SAMPLE_CHARACTERS);
}
