// The GELF input: datagrams, chunked and compressed or not, or a stream of messages with a NUL byte behind each.

import { GelfChunks, readGelf } from '../codec/gelf.ts';
import type { Input, InputParts } from './input.ts';
import { type LineInputSettings, startLineInput } from './line-input.ts';

/** Settings of a GELF input, see config/input-gelf.ts. */
export interface GelfSettings extends LineInputSettings {
  /** What becomes the line: the message, or the whole JSON of it. */
  line: 'message' | 'raw';
  /** The tag of a message that has no `_tag`; its host unless set. */
  tag?: string | undefined;
}

/** Chunked messages under way at once, and the time that the specification gives them. */
const OPEN_MAX = 1000;
const OPEN_BYTES_MAX = 16 * 1_048_576;
const CHUNKS_WITHIN_MS = 5000;

/** Starts to listen. Rejects with `E_LISTEN`. */
export function startGelfInput(settings: GelfSettings, parts: InputParts): Promise<Input> {
  const { totals } = parts.counters;
  const { messageMax } = settings;
  const chunks = new GelfChunks(
    { messageMax, openMax: OPEN_MAX, openBytesMax: OPEN_BYTES_MAX, timeoutMs: CHUNKS_WITHIN_MS },
    () => totals.malformed++,
  );
  const takeMessage = (bytes: Uint8Array, start: number, end: number): boolean => {
    const part = bytes.subarray(start, end);
    const message = readGelf(part, messageMax);
    if (message === undefined) return false;
    const line = settings.line === 'raw' && part[0] === 0x7b ? part : Buffer.from(message.line);
    const target = parts.lines.target(message.tag || settings.tag || message.host, message.containerName);
    if (parts.lines.isOwn(message.containerId)) parts.lines.dropOwn(target, line.length);
    else parts.lines.takeLine(target, line, 0, line.length, message.seconds, message.nanos);
    return true;
  };
  const takeDatagram = (datagram: Uint8Array): boolean => {
    const whole = chunks.take(datagram, parts.ports.clock.nowMs());
    return whole === undefined || takeMessage(whole, 0, whole.length);
  };
  return startLineInput(settings, { framing: 'nul', takeMessage, takeDatagram }, parts);
}
