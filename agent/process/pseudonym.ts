// Turns a value into a pseudonym: the same value gives the same text while a salt lasts, and nothing after it. The salt is
// never written anywhere, so that a list of all addresses cannot be hashed to find who was who once it has changed.

import { createHmac } from 'node:crypto';

/** Values remembered, so that a busy address is not hashed for every line. */
const REMEMBERED_MAX = 8192;

/** See the file's comment. */
export class Pseudonyms {
  private readonly options: { rotateMs: number; nowMs(): number; randomBytes(count: number): Uint8Array };
  private readonly known = new Map<string, Uint8Array>();
  private salt: Uint8Array;
  private untilMs: number;

  constructor(options: { rotateMs: number; nowMs(): number; randomBytes(count: number): Uint8Array }) {
    this.options = options;
    this.salt = options.randomBytes(32);
    this.untilMs = options.nowMs() + options.rotateMs;
  }

  /** The pseudonym of `bytes[start, end)`: `kind-` and 12 hexadecimal digits. */
  of(kind: string, bytes: Uint8Array, start: number, end: number): Uint8Array {
    if (this.options.nowMs() >= this.untilMs) this.rotate();
    const value = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start);
    const key = kind + value.toString('latin1', 0, 256);
    let found = this.known.get(key);
    if (found === undefined) {
      const digest = createHmac('sha256', this.salt).update(kind).update(value).digest('hex');
      found = Buffer.from(`${kind}-${digest.slice(0, 12)}`);
      if (this.known.size >= REMEMBERED_MAX) this.known.clear();
      if (value.length <= 256) this.known.set(key, found);
    }
    return found;
  }

  private rotate(): void {
    this.salt = this.options.randomBytes(32);
    this.untilMs = this.options.nowMs() + this.options.rotateMs;
    this.known.clear();
  }
}
