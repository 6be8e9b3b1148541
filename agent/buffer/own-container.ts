// Knows the agent's own container again in what comes in: its output, sent to its own socket, is work for nothing at best.

/** Docker shortens an id to twelve digits in tags and host names; less is no id. */
const ID_CHARS_MIN = 12;
const ID = /^[0-9a-f]{12,64}$/;

/** See the file's comment. */
export class OwnContainer {
  private readonly id: Uint8Array;

  private constructor(id: Uint8Array) {
    this.id = id;
  }

  /** `undefined` where `id` is none: then there is nothing to know again. */
  static of(id: string | undefined): OwnContainer | undefined {
    return id !== undefined && ID.test(id) ? new OwnContainer(Buffer.from(id)) : undefined;
  }

  /** True if `bytes[start, end)` is the id, or as much of it as is given. */
  isAt(bytes: Uint8Array, start: number, end: number): boolean {
    const { id } = this;
    const length = Math.min(end - start, id.length);
    if (start < 0 || length < ID_CHARS_MIN) return false;
    for (let i = 0; i < length; i++) if (bytes[start + i] !== id[i]) return false;
    return true;
  }

  /** True if `text` is the id, or as much of it as is given. */
  is(text: string): boolean {
    return text.length >= ID_CHARS_MIN && this.isAt(Buffer.from(text), 0, text.length);
  }
}
