// Records that no retry will bring home, in a file that is bounded and can be replayed: one JSON object a line.
//
//   {"output":"loki","reason":"refused","labels":"{app=\"web\"}","ns":"1763900000000000042","line":"…"}   text
//   {…,"base64":"…"}                                                                                   bytes that are no text

import { type PushEntry, readEntries, readMetadata } from '../codec/push-reader.ts';
import { nanosText } from '../codec/time-text.ts';
import type { LostLine } from '../model.ts';
import type { Files, OpenFile } from '../ports.ts';

/** Settings of the dead letters. */
export interface DeadLettersOptions {
  files: Files;
  /** The folder; `dead-letters.jsonl` is the file, `dead-letters.1.jsonl` the full one before it. */
  folder: string;
  /** Bytes of both together. */
  bytesMax: number;
  onEvent(event: DeadLetterEvent): void;
}

/** What is worth a count or a line in the agent's log. */
export type DeadLetterEvent =
  | { kind: 'error'; error: unknown }
  | { kind: 'written'; entries: number }
  | { kind: 'lost'; entries: number };

/** What one line of the file holds. */
export interface DeadLetter {
  /** Which output is without it; all of them if absent. */
  output?: string;
  reason: string;
  labels: string;
  ns: string;
  metadata?: Record<string, string>;
  line?: string;
  base64?: string;
}

/** Bytes that wait for the disk; what comes on top is counted as lost. */
const PENDING_BYTES_MAX = 8 * 1_048_576;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** See the file's comment. */
export class DeadLetters {
  private readonly options: DeadLettersOptions;
  private file: OpenFile | undefined;
  private size = 0;
  private pendingBytes = 0;
  private work: Promise<void> = Promise.resolve();

  constructor(options: DeadLettersOptions) {
    this.options = options;
  }

  /** Takes all entries of a sealed batch. */
  add(compressed: Uint8Array, about: { output: string; reason: string; entries: number }): void {
    const { entries, ...rest } = about;
    if (this.isBehind(entries)) return;
    const lines: string[] = [];
    for (const entry of readEntries(compressed)) lines.push(describe(entry, rest));
    this.append(Buffer.from(lines.join('')), entries);
  }

  /** Takes a line that never was part of a batch: no output has it. */
  addLine({ reason, metadata, ...line }: LostLine): void {
    if (this.isBehind(1)) return;
    const entry = metadata === undefined ? line : { ...line, metadata: readMetadata(metadata) };
    this.append(Buffer.from(describe(entry, { reason })), 1);
  }

  /** Resolves when all is written that can be. */
  async close(): Promise<void> {
    await this.work;
    await this.file?.close().catch(() => {});
    this.file = undefined;
  }

  private isBehind(entries: number): boolean {
    if (this.pendingBytes <= PENDING_BYTES_MAX) return false;
    this.options.onEvent({ kind: 'lost', entries });
    return true;
  }

  private append(bytes: Buffer, entries: number): void {
    this.pendingBytes += bytes.length;
    this.work = this.work.then(() => this.write(bytes, entries));
  }

  private async write(bytes: Buffer, entries: number): Promise<void> {
    const { files, folder, bytesMax, onEvent } = this.options;
    try {
      if (this.file !== undefined && this.size > 0 && this.size + bytes.length > bytesMax / 2) {
        await this.file.close();
        this.file = undefined;
        await files.rename(deadLetterPath(folder), deadLetterPath(folder, 1));
      }
      if (this.file === undefined) {
        await files.makeFolder(folder);
        this.file = await files.open(deadLetterPath(folder), 'write');
        this.size = (await this.file.stat()).size;
      }
      await this.file.write(bytes, this.size);
      this.size += bytes.length;
      onEvent({ kind: 'written', entries });
    } catch (error) {
      onEvent({ kind: 'error', error });
      onEvent({ kind: 'lost', entries });
    } finally {
      this.pendingBytes -= bytes.length;
    }
  }
}

/** The file's path; number 1 is the full one before it. */
export function deadLetterPath(folder: string, number = 0): string {
  return `${folder}/dead-letters${number > 0 ? `.${number}` : ''}.jsonl`;
}

/** The bytes of a dead letter's line. */
export function lineOf(letter: Pick<DeadLetter, 'line' | 'base64'>): Uint8Array {
  return letter.base64 === undefined ? Buffer.from(letter.line ?? '') : Buffer.from(letter.base64, 'base64');
}

function describe(entry: PushEntry, about: { output?: string; reason: string }): string {
  const { labels, line, metadata } = entry;
  return `${JSON.stringify({ ...about, labels, ns: nanosText(entry), metadata, ...describeLine(line) })}\n`;
}

function describeLine(line: Uint8Array): { line: string } | { base64: string } {
  try {
    return { line: utf8.decode(line) };
  } catch {
    return { base64: Buffer.from(line).toString('base64') };
  }
}
