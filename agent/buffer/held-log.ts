// A log on disk of lines that are held back, for acks: what was acked before its line was whole is found here after a kill.
// Written only when an ack asks for it. A line is done here when the batch that it went into is on disk; a log without
// any other is emptied, and one that grows is continued in a new file.
//
//   held-000000000001.log   frames (held-frames.ts): pieces that came, tickets that are done

import type { Clock, Files, OpenFile, Timer } from '../ports.ts';
import { type FsyncPolicy, RETRY_MS } from './disk-store.ts';
import { encodePieces, type HeldRemains, readRemains } from './held-frames.ts';
import type { HeldLines, HeldPiece } from './held-lines.ts';

/** Settings of the log. */
export interface HeldLogOptions {
  files: Files;
  clock: Clock;
  /** The folder of the disk buffer. */
  folder: string;
  fsync: FsyncPolicy;
  fsyncIntervalMs: number;
  held: HeldLines;
  /** Something was written: acks may be due. */
  onWritten(): void;
  onTrouble(error: unknown): void;
}

const NAME = /^held-(\d{12})\.log$/;
/** A log of this size is continued in another file. */
const FILE_BYTES_MAX = 4 * 1_048_576;

/** See the file's comment. */
export class HeldLog {
  private readonly options: HeldLogOptions;
  private file: OpenFile | undefined;
  private fileNumber = 0;
  private size = 0;
  private synced = true;
  /** Files of earlier processes, and with them the lines that they hold. */
  private inherited: string[] = [];
  /** Earlier files of this process, each with the tickets that only it knows. */
  private retired: { path: string; tickets: Set<number> }[] = [];
  private live = new Set<number>();
  private doneTickets: number[] = [];
  private isWanted = false;
  private working: Promise<void> | undefined;
  private retryTimer: Timer | undefined;
  private syncTimer: Timer | undefined;

  constructor(options: HeldLogOptions) {
    this.options = options;
  }

  /** What earlier processes have left; it stays on disk until `forgetRemains`. */
  async open(): Promise<HeldRemains[]> {
    const { files, folder, held } = this.options;
    await files.makeFolder(folder);
    const names = (await files.list(folder)).filter((name) => NAME.test(name));
    const remains = new Map<number, HeldRemains>();
    for (const name of names) {
      this.inherited.push(`${folder}/${name}`);
      this.fileNumber = Number(NAME.exec(name)?.[1]);
      await readRemains(files, `${folder}/${name}`, remains, (ticket) => {
        held.nextTicket = Math.max(held.nextTicket, ticket + 1);
      });
    }
    return [...remains.values()];
  }

  /** What `open` gave is safe elsewhere. */
  forgetRemains(): void {
    for (const path of this.inherited.splice(0)) this.remove(path);
  }

  demand(): void {
    this.isWanted = true;
    this.work();
  }

  done(tickets: readonly number[]): void {
    for (const ticket of tickets) {
      this.live.delete(ticket);
      for (const { tickets: old } of this.retired) old.delete(ticket);
    }
    this.doneTickets.push(...tickets);
    this.work();
  }

  /** Writes what is to be written, and closes the file; one without content is removed. */
  async close(): Promise<void> {
    this.retryTimer?.cancel();
    this.syncTimer?.cancel();
    await this.working;
    this.work();
    await this.working;
    this.retryTimer?.cancel();
    const { file } = this;
    this.file = undefined;
    if (file === undefined) return;
    await file.close().catch(() => {});
    if (this.size === 0) this.remove(this.path);
  }

  private get path(): string {
    return `${this.options.folder}/held-${String(this.fileNumber).padStart(12, '0')}.log`;
  }

  private work(): void {
    if (this.retryTimer !== undefined) return;
    this.working ??= this.writeAll().finally(() => {
      this.working = undefined;
    });
  }

  private async writeAll(): Promise<void> {
    while (this.isWanted || this.doneTickets.length > 0) {
      const isWanted = this.isWanted;
      this.isWanted = false;
      const done = this.doneTickets.splice(0);
      try {
        await this.write(isWanted, done);
      } catch (error) {
        this.options.onTrouble(error);
        this.doneTickets.unshift(...done);
        this.isWanted ||= isWanted;
        this.retryTimer = this.options.clock.setTimer(() => {
          this.retryTimer = undefined;
          this.work();
        }, RETRY_MS);
        return;
      }
    }
  }

  private async write(isWanted: boolean, done: readonly number[]): Promise<void> {
    const { held, onWritten } = this.options;
    if (this.size > FILE_BYTES_MAX) await this.retire();
    const { pieces, commit } = isWanted ? held.collect() : { pieces: [], commit: () => {} };
    for (const { ticket } of pieces) this.live.add(ticket);
    if (pieces.length === 0 && this.live.size === 0) {
      // Nothing in it is of any use.
      if (this.size > 0) await this.file?.truncate(0);
      this.size = 0;
    } else await this.append(pieces, done);
    commit();
    for (const { tickets } of this.retired) for (const { ticket } of pieces) tickets.delete(ticket);
    this.removeRetired();
    onWritten();
  }

  private async append(pieces: readonly HeldPiece[], done: readonly number[]): Promise<void> {
    const { fsync } = this.options;
    // The bytes are copied before anybody waits: lines go on growing.
    const frame = encodePieces(pieces, done);
    const file = await this.openFile();
    await file.write(frame, this.size);
    this.synced = false;
    if (fsync === 'batch') await this.sync();
    else if (fsync === 'interval') this.syncLater();
    this.size += frame.length;
  }

  private async openFile(): Promise<OpenFile> {
    const { files, folder, fsync } = this.options;
    if (this.file !== undefined) return this.file;
    this.fileNumber++;
    this.file = await files.open(this.path, 'create');
    this.size = 0;
    if (fsync !== 'never') await files.syncFolder(folder);
    return this.file;
  }

  /** Lines that are still held are written anew into the next file, and then this one is not needed for them. */
  private async retire(): Promise<void> {
    const { file } = this;
    if (file === undefined) return;
    this.retired.push({ path: this.path, tickets: new Set(this.live) });
    this.options.held.writeAnew();
    this.file = undefined;
    this.size = 0;
    this.isWanted = true;
    await file.close();
  }

  private removeRetired(): void {
    this.retired = this.retired.filter(({ path, tickets }) => {
      if (tickets.size > 0) return true;
      this.remove(path);
      return false;
    });
  }

  private remove(path: string): void {
    this.options.files.remove(path).catch((error: { code?: string }) => {
      if (error.code !== 'ENOENT') this.options.onTrouble(error);
    });
  }

  private async sync(): Promise<void> {
    if (this.synced) return;
    this.synced = true;
    try {
      await this.file?.sync();
    } catch (error) {
      this.synced = false;
      throw error;
    }
  }

  private syncLater(): void {
    const { clock, fsyncIntervalMs, onTrouble } = this.options;
    this.syncTimer ??= clock.setTimer(() => {
      this.syncTimer = undefined;
      this.sync().catch(onTrouble);
    }, fsyncIntervalMs);
  }
}
