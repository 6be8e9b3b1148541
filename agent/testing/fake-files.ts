// A file system in memory that can fail, fill up and lose what was not synced. `fail` is asked before every call: a test
// fails the 1st, 2nd, 3rd … of them. `crash` gives what a kill (or with `power`, a power cut) would have left.

import { posix } from 'node:path';
import type { FileStat, Files, OpenFile } from '../ports.ts';

interface FakeFile {
  bytes: Buffer;
  synced: Buffer;
  inode: number;
  modifiedMs: number;
}

/** An error as the system makes it. */
export function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/** See the file's comment. */
export class FakeFiles implements Files {
  /** Calls so far. */
  calls = 0;
  /** The wall clock. */
  wallMs: () => number = () => 0;
  /** Bytes of all files at most. */
  capacity = Number.POSITIVE_INFINITY;
  /** What becomes of call number `n` (from 0): an error to fail with, or for a write how many bytes still get written before it. */
  fail: (n: number, call: string) => Error | { written: number; error: Error } | undefined = () => undefined;
  private readonly tree = new Map<string, FakeFile>();
  private readonly folders = new Set<string>(['/']);
  private inodes = 1;

  /** What is left after a kill: all that was written; with `power`, only what was synced. */
  crash(power = false): FakeFiles {
    const left = new FakeFiles();
    for (const [path, file] of this.tree) {
      const bytes = Buffer.from(power ? file.synced : file.bytes);
      left.tree.set(path, { bytes, synced: Buffer.from(bytes), inode: file.inode, modifiedMs: file.modifiedMs });
    }
    for (const folder of this.folders) left.folders.add(folder);
    left.inodes = this.inodes;
    const wallMs = this.wallMs();
    left.wallMs = () => wallMs;
    return left;
  }

  /** The content of a file, to look at or to damage. */
  content(path: string): Buffer {
    return this.need(path).bytes;
  }

  /** Puts a file in place. */
  put(path: string, bytes: Uint8Array): void {
    for (let at = posix.dirname(path); at !== '/'; at = posix.dirname(at)) this.folders.add(at);
    this.tree.set(path, {
      bytes: Buffer.from(bytes),
      synced: Buffer.from(bytes),
      inode: this.inodes++,
      modifiedMs: this.wallMs(),
    });
  }

  /** Bytes of all files. */
  get usedBytes(): number {
    return [...this.tree.values()].reduce((sum, file) => sum + file.bytes.length, 0);
  }

  /** Paths of all files. */
  get paths(): string[] {
    return [...this.tree.keys()].sort();
  }

  async open(path: string, mode: 'read' | 'write' | 'create'): Promise<OpenFile> {
    this.step(`open ${path}`);
    const known = this.tree.get(path);
    if (mode === 'create' && known !== undefined) throw systemError('EEXIST');
    if (known === undefined) {
      if (mode === 'read' || !this.folders.has(posix.dirname(path))) throw systemError('ENOENT');
      this.tree.set(path, {
        bytes: Buffer.alloc(0),
        synced: Buffer.alloc(0),
        inode: this.inodes++,
        modifiedMs: this.wallMs(),
      });
    }
    return this.handle(this.need(path));
  }

  async list(folder: string): Promise<string[]> {
    this.step(`list ${folder}`);
    if (!this.folders.has(folder)) throw systemError('ENOENT');
    const names = [...this.paths, ...this.folders].filter((path) => path !== '/' && posix.dirname(path) === folder);
    return names.map((path) => posix.basename(path)).sort();
  }

  async makeFolder(folder: string): Promise<void> {
    this.step(`makeFolder ${folder}`);
    for (let at = folder; at !== '/' && at !== '.'; at = posix.dirname(at)) this.folders.add(at);
  }

  async rename(from: string, to: string): Promise<void> {
    this.step(`rename ${from}`);
    const file = this.need(from);
    this.tree.delete(from);
    this.tree.set(to, file);
  }

  async remove(path: string): Promise<void> {
    this.step(`remove ${path}`);
    this.need(path);
    this.tree.delete(path);
  }

  async stat(path: string): Promise<FileStat> {
    this.step(`stat ${path}`);
    return describe(this.need(path));
  }

  async syncFolder(folder: string): Promise<void> {
    this.step(`syncFolder ${folder}`);
  }

  /** Folders that are held. The next agent lets go of them, as if the one before were dead, unless `keepsLocks`. */
  readonly locked = new Set<string>();
  keepsLocks = false;

  async lock(folder: string): Promise<() => Promise<void>> {
    this.step(`lock ${folder}`);
    if (this.locked.has(folder)) throw systemError('ELOCKED');
    this.locked.add(folder);
    return async () => void this.locked.delete(folder);
  }

  async freeBytes(): Promise<number> {
    this.step('freeBytes');
    return this.capacity - this.usedBytes;
  }

  private handle(file: FakeFile): OpenFile {
    return {
      write: async (bytes, position) => {
        const copy = Buffer.from(bytes);
        const trouble = this.fail(this.calls++, 'write');
        if (trouble instanceof Error) throw trouble;
        const room = this.capacity - this.usedBytes + file.bytes.length - position;
        const written = Math.min(trouble?.written ?? copy.length, Math.max(0, room), copy.length);
        const size = Math.max(file.bytes.length, position + written);
        const next = Buffer.alloc(size);
        file.bytes.copy(next);
        copy.copy(next, position, 0, written);
        file.bytes = next;
        file.modifiedMs = this.wallMs();
        if (trouble !== undefined) throw trouble.error;
        if (written < copy.length) throw systemError('ENOSPC');
      },
      read: async (into, position) => {
        this.step('read');
        return file.bytes.copy(into, 0, position, Math.min(file.bytes.length, position + into.length));
      },
      sync: async () => {
        this.step('sync');
        file.synced = Buffer.from(file.bytes);
      },
      truncate: async (bytes) => {
        this.step('truncate');
        const next = Buffer.alloc(bytes);
        file.bytes.copy(next, 0, 0, bytes);
        file.bytes = next;
      },
      stat: async () => {
        this.step('stat');
        return describe(file);
      },
      close: async () => {},
    };
  }

  private need(path: string): FakeFile {
    const file = this.tree.get(path);
    if (file === undefined) throw systemError('ENOENT');
    return file;
  }

  private step(call: string): void {
    const trouble = this.fail(this.calls++, call);
    if (trouble !== undefined) throw trouble instanceof Error ? trouble : trouble.error;
  }
}

function describe(file: FakeFile): FileStat {
  return { size: file.bytes.length, identity: `1:${file.inode}`, modifiedMs: file.modifiedMs };
}
