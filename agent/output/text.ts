// Entries as text, for the outputs file and stdout.

import { parseLabels, readEntries } from '../codec/push-reader.ts';
import { rfc3339Text } from '../codec/time-text.ts';

/** `json`: an object with time, labels and line; `line`: the line alone. */
export type TextForm = 'json' | 'line';

/** A sealed batch as text, one entry a line. */
export function encodeText(sealed: Uint8Array, form: TextForm): Uint8Array {
  const rows: Uint8Array[] = [];
  const newline = Buffer.from('\n');
  for (const { labels, seconds, nanos, line, metadata } of readEntries(sealed)) {
    if (form === 'line') rows.push(line, newline);
    else {
      const time = rfc3339Text({ seconds, nanos });
      const text = Buffer.from(line).toString('utf8');
      rows.push(Buffer.from(`${JSON.stringify({ time, labels: parseLabels(labels), metadata, line: text })}\n`));
    }
  }
  return Buffer.concat(rows);
}
