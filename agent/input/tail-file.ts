// One file that is being read to its end, whatever happens to its name. It is known by device and inode and by a fingerprint
// of its first bytes, so that a name given to another file, and a file cut to nothing and filled again, are told apart.
// Nothing of an unfinished line is kept: it is read again when there is more, and the position is always between two lines.

import { createHash } from 'node:crypto';
import { DockerJsonFile } from '../codec/docker-json-file.ts';
import type { LineSink, LineTarget } from '../model.ts';
import type { OpenFile } from '../ports.ts';

/** How far a file has been read, in a form that outlives the agent. */
export interface TailPosition {
  path: string;
  identity: string;
  offset: number;
  fingerprint: Fingerprint;
}

/** The first `length` bytes of a file. */
export interface Fingerprint {
  length: number;
  hash: string;
}

/** What a file is read with. */
export interface TailFileParts {
  lines: LineSink;
  format: 'lines' | 'docker-json-file';
  /** A longer line is passed on in parts of this size. */
  lineMax: number;
  /** Shared by all files: one of them is read at a time. */
  buffer: Uint8Array;
  count(what: 'bytesRead' | 'malformed' | 'filesTruncated', by: number): void;
}

const FINGERPRINT_BYTES = 256;
const NEWLINE = 0x0a;

/** See the file's comment. */
export class TailFile {
  path: string;
  readonly identity: string;
  readonly tag: string;
  /** Up to here everything is settled: it need not be read again. */
  settledOffset: number;
  /** Since when its name belongs to another file or to none, on the agent's clock. */
  goneSinceMs: number | undefined;
  fingerprint: Fingerprint;
  private readonly handle: OpenFile;
  private readonly parts: TailFileParts;
  private readonly docker: DockerJsonFile | undefined;
  private target: LineTarget | undefined;
  /** Docker's file of the agent's own container. */
  private readonly isOwn: boolean;
  private offset: number;
  /** No line is open across it: what was read up to here can be settled. */
  private safeOffset: number;
  /** How often the file was emptied: what is settled of the old content says nothing of the new. */
  private generation = 0;
  private sizeSeen = -1;

  constructor(handle: OpenFile, position: TailPosition, parts: TailFileParts & { tag: string }) {
    this.handle = handle;
    this.parts = parts;
    this.path = position.path;
    this.identity = position.identity;
    this.tag = parts.tag;
    this.isOwn = parts.lines.isOwn(position.path.split('/').at(-2) ?? '');
    this.offset = this.safeOffset = this.settledOffset = position.offset;
    this.fingerprint = position.fingerprint;
    this.docker =
      parts.format === 'docker-json-file'
        ? new DockerJsonFile(parts.lineMax, (bytes, start, length, seconds, nanos) =>
            this.pass(bytes, start, length, seconds, nanos),
          )
        : undefined;
  }

  /** Reads what is there, up to `budget` bytes. True when the budget was used up and there may be more. */
  async read(budget: number): Promise<boolean> {
    const { size } = await this.handle.stat();
    if (size === this.sizeSeen) return false;
    await this.checkSameContent(size);
    let left = budget;
    while (left > 0) {
      const length = await this.handle.read(this.parts.buffer, this.offset);
      const used = this.takeLines(length);
      if (used === 0) {
        this.sizeSeen = size;
        return false;
      }
      this.parts.count('bytesRead', used);
      left -= used;
    }
    return true;
  }

  /** Passes on a last line without a newline: nothing will follow it. */
  async finish(): Promise<void> {
    const length = await this.handle.read(this.parts.buffer, this.offset);
    if (length > 0) this.takeLine(this.parts.buffer, 0, length);
    this.docker?.finish();
    this.offset += length;
    this.safeOffset = this.offset;
    await this.close();
  }

  close(): Promise<void> {
    return this.handle.close();
  }

  /** What can be settled of it now. */
  get safeState(): { offset: number; generation: number } {
    return { offset: this.safeOffset, generation: this.generation };
  }

  /** What was safe at that time is settled. */
  settle({ offset, generation }: { offset: number; generation: number }): void {
    if (generation === this.generation) this.settledOffset = Math.max(this.settledOffset, offset);
  }

  /** True if everything that can be settled is. */
  get isSettled(): boolean {
    return this.settledOffset >= this.safeOffset;
  }

  /** A file that is shorter than what was read of it, or begins with other bytes, was emptied: it is read from its start. */
  private async checkSameContent(size: number): Promise<void> {
    const same = size >= this.offset && (await hasFingerprint(this.handle, this.fingerprint));
    if (!same) {
      this.generation++;
      this.parts.count('filesTruncated', 1);
      this.docker?.finish();
      this.offset = this.safeOffset = this.settledOffset = 0;
      this.fingerprint = await readFingerprint(this.handle);
    } else if (this.fingerprint.length < FINGERPRINT_BYTES) this.fingerprint = await readFingerprint(this.handle);
  }

  /** Takes all whole lines in the buffer; returns how many bytes they are. */
  private takeLines(length: number): number {
    const { lineMax } = this.parts;
    const buffer = this.parts.buffer.subarray(0, length);
    // Streams are forgotten when they are idle: a target is good for one read.
    this.target = undefined;
    let start = 0;
    for (;;) {
      const found = buffer.indexOf(NEWLINE, start);
      if (found < 0) break;
      this.takeLine(buffer, start, found);
      start = found + 1;
      if (this.docker === undefined || !this.docker.isOpen) this.safeOffset = this.offset + start;
    }
    if (start === 0 && length >= lineMax) {
      this.takeLine(buffer, 0, length);
      start = length;
      this.safeOffset = this.offset + start;
    }
    this.offset += start;
    return start;
  }

  private takeLine(bytes: Uint8Array, start: number, end: number): void {
    if (this.docker === undefined) {
      const to = end > start && bytes[end - 1] === 0x0d ? end - 1 : end;
      this.pass(bytes, start, to - start, 0, 0);
    } else if (end > start && !this.docker.read(bytes, start, end)) this.parts.count('malformed', 1);
  }

  private pass(bytes: Uint8Array, start: number, length: number, seconds: number, nanos: number): void {
    this.target ??= this.parts.lines.target(this.tag, '');
    if (this.isOwn) this.parts.lines.dropOwn(this.target, length);
    else this.parts.lines.takeLine(this.target, bytes, start, length, seconds, nanos);
  }
}

/** The fingerprint of a file as it is now. */
export async function readFingerprint(handle: OpenFile, length = FINGERPRINT_BYTES): Promise<Fingerprint> {
  const bytes = new Uint8Array(length);
  const got = await handle.read(bytes, 0);
  return { length: got, hash: createHash('sha256').update(bytes.subarray(0, got)).digest('hex').slice(0, 32) };
}

/** True if a file begins as the fingerprint says. */
export async function hasFingerprint(handle: OpenFile, fingerprint: Fingerprint): Promise<boolean> {
  const found = await readFingerprint(handle, fingerprint.length);
  return found.length === fingerprint.length && found.hash === fingerprint.hash;
}
