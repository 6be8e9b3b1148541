// Memory for sealed batches, used again and again: fresh memory would cost page faults, and garbage outside of V8's heap
// is collected late.

/** Sizes are rounded up to this, so that buffers of similar batches fit each other. */
const GRAIN_BYTES = 16_384;
/** Idle memory that is kept; the rest is left to the garbage collector. */
const IDLE_BYTES_MAX = 4 * 1_048_576;

/** Lends out byte arrays of at least the size asked for. */
export class BufferPool {
  private readonly idle: Uint8Array[] = [];
  private idleBytes = 0;

  /** An array of `bytes` or more; its content is arbitrary. */
  take(bytes: number): Uint8Array {
    for (let i = this.idle.length - 1; i >= 0; i--) {
      const memory = this.idle[i] as Uint8Array;
      if (memory.length < bytes || memory.length > 2 * bytes + GRAIN_BYTES) continue;
      this.idle.splice(i, 1);
      this.idleBytes -= memory.length;
      return memory;
    }
    return new Uint8Array(Math.ceil(Math.max(bytes, 1) / GRAIN_BYTES) * GRAIN_BYTES);
  }

  /** Gives an array back: nobody may read it any more. `view` may be a part of it. */
  give(view: Uint8Array): void {
    if (this.idleBytes + view.buffer.byteLength > IDLE_BYTES_MAX) return;
    this.idle.push(new Uint8Array(view.buffer as ArrayBuffer));
    this.idleBytes += view.buffer.byteLength;
  }
}
