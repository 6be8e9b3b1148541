// One file of a disk buffer, and beside it a small one that lists which of its frames are done, so that a restart does not
// send them again. Losing that list costs duplicates, never records.
//
//   000000000007.laf    frames, appended
//   000000000007.done   offset u32, ~offset u32, for each frame that has found its end

import type { AppCounters, BatchPart } from '../model.ts';
import type { Files, OpenFile } from '../ports.ts';
import { type Frame, readFrames } from './disk-frame.ts';

const SCAN_BYTES = 1_048_576;

/** A segment and what is known of it without its content. */
export class Segment {
  readonly id: number;
  readonly path: string;
  /** Bytes of whole frames, and of damage in front of them. */
  size = 0;
  /** Offsets of frames that have found their end. */
  readonly done = new Set<number>();
  /** Offsets of frames that are on disk only, in order: 8 bytes of memory each. */
  readonly spilled: number[] = [];
  /** Their entries, by app. */
  readonly left = new Map<AppCounters, number>();
  frames = 0;
  /** False once nothing more is appended. */
  active = false;
  /** Written by a process before this one: its numbers are of another count. */
  recovered = false;
  damaged = false;
  file: OpenFile | undefined;
  private readonly files: Files;
  private doneFile: Promise<OpenFile> | undefined;
  private doneSize = 0;

  constructor(files: Files, folder: string, id: number) {
    this.files = files;
    this.id = id;
    this.path = `${folder}/${String(id).padStart(12, '0')}.laf`;
  }

  /** Reads the list of done frames and walks over all frames. `onFrame` gets those that are not done. */
  async recover(onFrame: (frame: Frame) => void): Promise<{ damagedBytes: number; endsDamaged: boolean }> {
    this.recovered = true;
    const file = await this.files.open(this.path, 'read');
    try {
      const { size } = await file.stat();
      await this.readDone();
      let damagedBytes = 0;
      let lastGood = 0;
      for (let at = 0; at < size; ) {
        const found = await readFrames(file, { from: at, to: size }, SCAN_BYTES);
        for (const frame of found.frames) {
          this.frames++;
          lastGood = frame.offset + frame.length;
          if (!this.done.has(frame.offset)) onFrame(frame);
        }
        damagedBytes += found.damagedBytes;
        at = Math.max(found.next, at + 1);
      }
      this.size = size;
      return { damagedBytes, endsDamaged: damagedBytes > 0 && size - lastGood === damagedBytes };
    } finally {
      await file.close();
    }
  }

  /** Opens it for reading where it is not open. */
  async openToRead(): Promise<OpenFile> {
    this.file ??= await this.files.open(this.path, 'read');
    return this.file;
  }

  /** Notes a frame as done, in memory at once and on disk soon. */
  markDone(offset: number): Promise<void> {
    this.done.add(offset);
    const entry = Buffer.alloc(8);
    entry.writeUInt32LE(offset, 0);
    entry.writeUInt32LE(~offset >>> 0, 4);
    const position = this.doneSize;
    this.doneSize += 8;
    this.doneFile ??= this.files.open(this.donePath, 'write');
    return this.doneFile.then((file) => file.write(entry, position));
  }

  /** True when every frame has found its end and no more will come. */
  get isOver(): boolean {
    return !this.active && this.done.size >= this.frames;
  }

  /** Removes the files, or sets the segment aside under another name if it was damaged. */
  async dispose(): Promise<void> {
    await this.close();
    if (this.damaged) await this.files.rename(this.path, `${this.path}.corrupt`);
    else await this.files.remove(this.path);
    if (this.doneSize > 0) await this.files.remove(this.donePath);
  }

  /** Closes what is open. */
  async close(): Promise<void> {
    const { file, doneFile } = this;
    this.file = undefined;
    this.doneFile = undefined;
    await file?.close();
    await (await doneFile?.catch(() => undefined))?.close();
  }

  private get donePath(): string {
    return this.path.replace(/laf$/, 'done');
  }

  private async readDone(): Promise<void> {
    const file = await this.files.open(this.donePath, 'read').catch((error: { code?: string }) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (file === undefined) return;
    const bytes = Buffer.alloc((await file.stat()).size);
    const length = await file.read(bytes, 0).finally(() => file.close());
    for (let at = 0; at + 8 <= length; at += 8) {
      const offset = bytes.readUInt32LE(at);
      if (bytes.readUInt32LE(at + 4) === ~offset >>> 0) this.done.add(offset);
    }
    this.doneSize = length - (length % 8);
  }
}

/** Notes a frame as being on disk only. */
export function addSpilled(segment: Segment, offset: number, parts: readonly BatchPart[]): void {
  segment.spilled.push(offset);
  for (const { counters, entries } of parts) segment.left.set(counters, (segment.left.get(counters) ?? 0) + entries);
}
