// What a Go server has sent of a response while its handler has not returned. It fills a buffer of 4 KiB and sends
// it when it is full; the rest goes out when the handler returns. So behind a blocked access log an answer that fits
// the buffer is not sent at all, and a range of 16 KiB arrives but for its last piece.

const BUFFER_BYTES = 4_096;

/** Passes a body on, always keeping its end back. */
export interface HeldBody {
  push(chunk: Buffer): void;
  /** What is kept back. */
  rest(): Buffer;
}

/** A body whose head has `headBytes`; `send` takes what may leave, the head before the first byte. */
export function createHeldBody({ headBytes, send }: { headBytes: number; send: (bytes: Buffer) => void }): HeldBody {
  let held: Buffer = Buffer.alloc(0);
  let sentBytes = 0;
  return {
    push: (chunk) => {
      held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      const total = headBytes + sentBytes + held.length;
      // A full buffer leaves when the next byte comes, so the last 1 to 4,096 bytes stay.
      const leaving = Math.floor((total - 1) / BUFFER_BYTES) * BUFFER_BYTES - headBytes - sentBytes;
      if (leaving <= 0) return;
      send(held.subarray(0, leaving));
      sentBytes += leaving;
      held = held.subarray(leaving);
    },
    rest: () => held,
  };
}
