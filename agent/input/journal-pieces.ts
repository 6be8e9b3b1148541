// Joins what Docker's journald driver cut: every piece of a long line but the last has CONTAINER_PARTIAL_MESSAGE=true.

import type { JournalEntry } from '../codec/journal-export.ts';

/** Long lines under way at once; the oldest is given back as it is. */
const OPEN_MAX = 256;

/** See the file's comment. */
export class JournalPieces {
  private readonly sizeMax: number;
  private readonly open = new Map<string, { parts: Uint8Array[]; bytes: number }>();

  /** @param sizeMax a longer line is passed on in parts of about this size. */
  constructor(sizeMax: number) {
    this.sizeMax = sizeMax;
  }

  /** True while a line lacks its end. */
  get isOpen(): boolean {
    return this.open.size > 0;
  }

  /** Forgets what is under way. */
  clear(): void {
    this.open.clear();
  }

  /** The line that `message` ends; `undefined` if it is a piece and more is to come. */
  join(entry: JournalEntry, message: Uint8Array): Uint8Array | undefined {
    const isPiece = Buffer.from(entry.get('CONTAINER_PARTIAL_MESSAGE') ?? '').toString() === 'true';
    // The last piece still has the id of its line; a plain line has none.
    const id = Buffer.from(entry.get('CONTAINER_PARTIAL_ID') ?? '').toString('latin1');
    const line = this.open.get(id);
    if (!isPiece && line === undefined) return message;
    const parts = [...(line?.parts ?? []), message];
    const bytes = (line?.bytes ?? 0) + message.length;
    if (isPiece && bytes <= this.sizeMax && (line !== undefined || this.open.size < OPEN_MAX)) {
      this.open.set(id, { parts, bytes });
      return undefined;
    }
    this.open.delete(id);
    return Buffer.concat(parts);
  }
}
