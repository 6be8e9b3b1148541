// Lines with their ids and the entries a sink would hold of them, for tests of reading back: how the app wrote a line,
// and how agents wrap it on its way.

import { crc32 } from 'node:zlib';
import type { LineWrapper } from '../../model/agent.ts';
import { formatLineId } from '../../model/line-id.ts';
import { LINE_KINDS, type LineRecord } from '../../model/line-record.ts';
import type { SinkEntry } from '../../model/parts.ts';
import { lineRecord } from '../../testing/create-history.ts';

/** `<run>` of all lines made here. */
export const RUN = 'run001';

/** A line as an app wrote it. */
export interface MadeLine {
  id: string;
  text: string;
  /** What the app's own witness recorded. */
  written: LineRecord;
}

/** A line with its id between two texts. `isRequest`: the id was made before the line and holds zeros. */
export function makeLine(
  seq: number,
  { app = 'web', before = '', after = ' text', isRequest = false } = {},
): MadeLine & { app: string } {
  const sum = isRequest ? 0 : crc32(before + after);
  const around = Buffer.byteLength(before) + Buffer.byteLength(after);
  const name = (bytes: number): string => formatLineId({ run: RUN, app, seq, canary: false, bytes, crc: sum });
  // The id's own length depends on the digits of the length in it: settled after two rounds.
  const bytes = isRequest ? 0 : around + name(around + name(around + 40).length).length;
  const id = name(bytes);
  const text = before + id + after;
  const written = lineRecord(LINE_KINDS.written, seq, {
    atNs: 1,
    value: 2,
    bytes: Buffer.byteLength(text),
    crc: crc32(text),
    detail: Buffer.byteLength(before),
  });
  return { app, id, text, written };
}

/** Each way in which agents wrap a line, with the wrapper that describes it. */
export const WRAPPINGS: Record<string, { wrapper: LineWrapper; wrap(text: string): string }> = {
  raw: { wrapper: { kind: 'raw' }, wrap: (text) => text },
  otel: { wrapper: { kind: 'otel' }, wrap: (text) => text },
  json: {
    wrapper: { kind: 'json', key: 'log' },
    wrap: (text) => JSON.stringify({ container_id: '4f2a', log: text, source: 'stdout' }),
  },
  'logfmt as Go writes it': {
    wrapper: { kind: 'logfmt', key: 'log', quoting: 'go' },
    wrap: (text) => `source=stdout log=${JSON.stringify(text)} tag="a b"`,
  },
  'key_value of 2019': {
    wrapper: { kind: 'logfmt', key: 'log', quoting: 'raw' },
    wrap: (text) => `log="${text}" container_id="4f2a" source="stdout"`,
  },
};

/** An entry of the sink. */
export function entry(line: string | Uint8Array, rest: Partial<SinkEntry> = {}): SinkEntry {
  return { tNs: 1_790_000_000_000_000_000n, line, labels: { service: 'web' }, ...rest };
}

/** The pieces in which Docker hands on a line, as texts. */
export function cutInPieces(text: string): string[] {
  const bytes = Buffer.from(text);
  const pieces: string[] = [];
  for (let at = 0; at < bytes.length; at += 16_384) pieces.push(bytes.toString('utf8', at, at + 16_384));
  return pieces;
}
