// Reads the agent's answer to a message that asked for one: the map `{"ack": <id>}` in MessagePack. The driver has
// one message in flight, so what arrives is one answer, perhaps in several reads.

const START = Buffer.from([0x81, 0xa3, 0x61, 0x63, 0x6b]);
const ANSWER_MAX_BYTES = 1_024;

/** Collects one answer. */
export interface AckReader {
  /** The id acknowledged, undefined while more bytes are needed, null when this is no acknowledgement. */
  push(bytes: Buffer): string | undefined | null;
  /** Forgets what was collected. */
  reset(): void;
}

/** A reader that has seen nothing. */
export function createAckReader(): AckReader {
  let collected: Buffer = Buffer.alloc(0);
  return {
    push(bytes) {
      collected = Buffer.concat([collected, bytes]);
      const answer = parseAck(collected);
      if (answer !== undefined || collected.length > ANSWER_MAX_BYTES) collected = Buffer.alloc(0);
      return answer;
    },
    reset() {
      collected = Buffer.alloc(0);
    },
  };
}

function parseAck(bytes: Buffer): string | undefined | null {
  const seen = Math.min(bytes.length, START.length);
  if (!bytes.subarray(0, seen).equals(START.subarray(0, seen))) return null;
  const prefix = bytes[START.length];
  if (prefix === undefined) return undefined;
  // A fixstr or a str8: ids are 24 bytes, and the library takes no bin.
  const isShort = (prefix & 0xe0) === 0xa0;
  if (!isShort && prefix !== 0xd9) return null;
  const length = isShort ? prefix & 0x1f : bytes[START.length + 1];
  const at = START.length + (isShort ? 1 : 2);
  if (length === undefined || bytes.length < at + length) return undefined;
  return bytes.toString('latin1', at, at + length);
}
