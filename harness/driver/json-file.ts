// The drivers that keep an app's or an agent's own output on this machine. `json-file`: one JSON object per line
// with log, stream and time, as Docker writes it; a piece of a long line lacks the newline at its end. `local` has
// the same content (Docker's own binary form is read by nothing here) under its own file name.

import type { CappedFile } from './capped-file.ts';
import { type LineMessage, type LogTarget, type MessageMeta, STREAMS } from './log-message.ts';

/** Where lines go that are not sent to an agent. `onSent` is told of each. */
export function createJsonFile(file: CappedFile, onSent: (message: MessageMeta) => void): LogTarget<LineMessage> {
  return {
    log(message) {
      file.write(formatEntry(message));
      onSent(message);
      return true;
    },
  };
}

/** The driver `none`: nothing is kept. */
export function createDiscard(onSent: (message: MessageMeta) => void): LogTarget<LineMessage> {
  return {
    log(message) {
      onSent(message);
      return true;
    },
  };
}

function formatEntry({ bytes, start, end, line, last, stream, seconds, nanoseconds }: LineMessage): string {
  const newline = line === null || last ? '\n' : '';
  const log = JSON.stringify(bytes.toString('utf8', start, end) + newline);
  return `{"log":${log},"stream":"${STREAMS[stream]}","time":"${formatTime(seconds, nanoseconds)}"}\n`;
}

/** RFC 3339 with nanoseconds. */
function formatTime(seconds: number, nanoseconds: number): string {
  const whole = new Date(seconds * 1000).toISOString().slice(0, 19);
  return `${whole}.${String(nanoseconds).padStart(9, '0')}Z`;
}
