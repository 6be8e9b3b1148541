// What a pipeline does with lines that are held back: knows them (buffer/held-lines.ts) and, where acks wait for a disk,
// keeps a log of them (buffer/held-log.ts), from which the next process goes on.

import type { HeldRemains } from './buffer/held-frames.ts';
import { HeldLines } from './buffer/held-lines.ts';
import { HeldLog, type HeldLogOptions } from './buffer/held-log.ts';
import type { BufferSettings } from './config/buffer.ts';
import { bufferError, systemCodeOf } from './errors.ts';
import type { Counters } from './observe/counters.ts';
import type { OwnLog } from './observe/own-log.ts';
import type { Ports } from './ports.ts';

/** What it works with. */
export interface HeldBackParts {
  ports: Ports;
  counters: Counters;
  log: OwnLog;
  /** Number of the newest batch that holds anything. */
  newestBatch(): number;
  /** Something was written: acks may be due. */
  onWritten(): void;
}

/** The strictest first. */
const FSYNC: readonly string[] = ['batch', 'interval', 'never'];

/** See the file's comment. */
export class HeldBack {
  readonly lines: HeldLines;
  private readonly parts: HeldBackParts;
  private log: HeldLog | undefined;

  constructor(parts: HeldBackParts) {
    this.parts = parts;
    this.lines = new HeldLines(parts.newestBatch);
  }

  /** Opens the log where a buffer is on disk. Rejects with `E_BUFFER`; gives what earlier processes held back. */
  async open(buffers: readonly BufferSettings[]): Promise<HeldRemains[]> {
    const onDisk = buffers.filter(({ type }) => type === 'disk');
    const [strictest] = onDisk.sort((a, b) => FSYNC.indexOf(a.fsync) - FSYNC.indexOf(b.fsync));
    if (strictest?.path === undefined) return [];
    const log = new HeldLog(this.logOptions(strictest, strictest.path));
    try {
      const remains = await log.open();
      this.log = this.lines.log = log;
      return remains;
    } catch (error) {
      throw bufferError(strictest.path, error);
    }
  }

  /** What `open` gave is safe elsewhere. */
  forgetRemains(): void {
    this.log?.forgetRemains();
  }

  /** An ack waits for what is held. */
  demand(): void {
    this.log?.demand();
  }

  /** Writes the rest, and ends. */
  async close(): Promise<void> {
    await this.log?.close();
  }

  private logOptions({ fsync, fsyncInterval }: BufferSettings, folder: string): HeldLogOptions {
    const { ports, counters, log, onWritten } = this.parts;
    const { clock, files } = ports;
    return {
      ...{ clock, files, folder, held: this.lines, fsync, fsyncIntervalMs: fsyncInterval, onWritten },
      onTrouble(error) {
        counters.totals.diskErrors++;
        const text = `lines that wait for their rest cannot be written down: ${systemCodeOf(error)}; their acks wait`;
        log.warn('W_DISK', text, 'held');
      },
    };
  }
}
