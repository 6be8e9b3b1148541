// The bytes of one stream on their way through the daemon, kept once and in one piece: shim, FIFO, copy buffer,
// byte pipe and line copier are ranges of it (stages.ts counts them), so no stage copies anything.
//
//   start                                                        end      absolute offsets in the stream
//     │ copier │ byte pipe           │ copy buffer │ FIFO │ shim │

/** Bytes already consumed that stay readable behind `start`, for an id that lies across two reads. */
export const HISTORY_BYTES = 128;

/** A growing window over one byte stream, addressed by absolute offsets. */
export interface ByteStore {
  /** The memory of the window; the byte at absolute offset `o` is at index `o - base`. Valid until the next append. */
  readonly memory: Buffer;
  readonly base: number;
  /** Offset of the first byte that was not consumed. */
  readonly start: number;
  /** Offset behind the last byte. */
  readonly end: number;
  append(source: Buffer, length: number): void;
  /** Gives up everything before `offset`. */
  consumeTo(offset: number): void;
}

/** An empty store; `initialBytes` is what it holds before it first grows. */
export function createByteStore(initialBytes = 131_072): ByteStore {
  let memory = Buffer.alloc(initialBytes);
  let base = 0;
  let start = 0;
  let end = 0;

  /** Moves what is alive to the front; into a larger memory where it would fill more than half of this one. */
  const makeRoom = (length: number): void => {
    const from = Math.max(base, start - HISTORY_BYTES);
    const needed = end - from + length;
    const source = memory;
    if (needed > memory.length / 2) memory = Buffer.alloc(2 ** Math.ceil(Math.log2(needed * 2)));
    source.copy(memory, 0, from - base, end - base);
    base = from;
  };

  return {
    get memory() {
      return memory;
    },
    get base() {
      return base;
    },
    get start() {
      return start;
    },
    get end() {
      return end;
    },
    append(source, length) {
      if (end - base + length > memory.length) makeRoom(length);
      source.copy(memory, end - base, 0, length);
      end += length;
    },
    consumeTo(offset) {
      start = offset;
    },
  };
}
