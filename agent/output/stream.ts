// One connection that an output keeps open: opened when it is needed, opened again when it has ended, and only one at a
// time. What the far end says is gathered for whoever waits for it.

import type { ClientTls, Net, Outgoing } from '../ports.ts';

/** Bytes of the far end that nobody has asked for: more is nonsense, and the connection is closed. */
const UNREAD_BYTES_MAX = 1_048_576;

/** See the file's comment. */
export class OutputStream {
  /** What the far end has said and nobody has taken. */
  unread: Buffer = Buffer.alloc(0);
  /** Runs after each connect, before anything is sent. */
  onOpen: ((signal: AbortSignal) => Promise<void>) | undefined;
  private readonly options: { net: Net; url: string; tls?: ClientTls | undefined };
  private connection: Outgoing | undefined;
  /** Counts connections: an old one has no say in a new one. */
  private generation = 0;
  private wake: () => void = () => {};
  private ended: Error | undefined;

  constructor(options: { net: Net; url: string; tls?: ClientTls | undefined }) {
    this.options = options;
  }

  /** Opens it where it is not open. Rejects where nobody answers. */
  async open(signal: AbortSignal): Promise<void> {
    if (this.connection !== undefined && this.ended === undefined) return;
    this.close();
    this.ended = undefined;
    this.unread = Buffer.alloc(0);
    const { net, url, tls } = this.options;
    const mine = this.generation;
    this.connection = await net.connect({
      ...{ url, tls, signal },
      onRead: (bytes) => {
        if (mine !== this.generation) return;
        this.unread = Buffer.concat([this.unread, bytes]);
        if (this.unread.length > UNREAD_BYTES_MAX) this.close();
        this.wake();
      },
      onClose: (error) => {
        if (mine !== this.generation) return;
        this.ended = error ?? Object.assign(new Error('closed'), { code: 'ECONNRESET' });
        this.wake();
      },
    });
    await this.onOpen?.(signal);
  }

  /** Sends bytes. Rejects when the connection has ended. */
  async write(bytes: Uint8Array): Promise<void> {
    if (this.connection === undefined || this.ended !== undefined) throw this.ended ?? new Error('not open');
    await this.connection.write(bytes);
  }

  /** Resolves with what `take` makes of the unread bytes, once it makes anything of them. Rejects at the end of the connection. */
  async waitFor<Found>(take: (unread: Buffer) => Found | undefined, signal: AbortSignal): Promise<Found> {
    for (;;) {
      const found = take(this.unread);
      if (found !== undefined) return found;
      if (signal.aborted) throw new Error('aborted');
      if (this.ended !== undefined) throw this.ended;
      await new Promise<void>((resolve) => {
        this.wake = resolve;
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  }

  /** Ends the connection: what is under way on it is not to be trusted. */
  close(): void {
    this.generation++;
    this.connection?.close();
    this.connection = undefined;
    this.ended = Object.assign(new Error('closed'), { code: 'ECONNABORTED' });
    this.wake();
  }
}
