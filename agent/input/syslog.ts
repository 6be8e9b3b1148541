// The syslog input: RFC 5424 and 3164 over UDP, TCP, TLS, and unix sockets of both kinds. The tag is the sender's app.

import { SyslogMessage } from '../codec/syslog.ts';
import type { Input, InputParts } from './input.ts';
import { type LineInputSettings, startLineInput } from './line-input.ts';

/** Settings of a syslog input, see config/input-syslog.ts. */
export interface SyslogSettings extends LineInputSettings {
  /** What becomes the line: the text of a message, or all of it. */
  line: 'message' | 'raw';
  /** The tag of a message that names no app; with `always`, of every message. */
  tag: string;
  tagFrom: 'app' | 'always';
}

/** Starts to listen. Rejects with `E_LISTEN`. */
export function startSyslogInput(settings: SyslogSettings, parts: InputParts): Promise<Input> {
  const message = new SyslogMessage();
  const { clock } = parts.ports;
  const takeMessage = (bytes: Uint8Array, start: number, end: number): boolean => {
    message.read(bytes, start, end, clock.wallMs());
    const named = message.appStart >= 0 && settings.tagFrom === 'app';
    const tag = named ? textOf(bytes, message.appStart, message.appEnd) : settings.tag;
    const host = message.hostStart >= 0 ? textOf(bytes, message.hostStart, message.hostEnd) : '';
    const from = settings.line === 'raw' ? start : message.textStart;
    const target = parts.lines.target(tag, host);
    // Docker's tag is the short id of the container, unless it is told another.
    if (parts.lines.isOwn(tag)) parts.lines.dropOwn(target, end - from);
    else parts.lines.takeLine(target, bytes, from, end - from, message.seconds, message.nanos);
    return true;
  };
  return startLineInput(settings, { framing: 'syslog', takeMessage }, parts);
}

function textOf(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8');
}
