// The agent's own log: short lines about itself, never a byte of a record, at most one line a second per code, and less
// and less often while the same thing goes on. Every line begins with a mark and the nonce of this process, so that any
// larsen-agent knows it again when it comes back through an input:
//
//   ^larsen-agent:4f1d0c7be2a95831^ warn W_PUSH_RETRY the sink answers 500; next try in 0.9 s (repeated 14 times)

import type { Clock, LogSink, Random } from '../ports.ts';

/** How every own line of every larsen-agent begins; a line that holds this is never sent on. */
export const OWN_MARK = '^larsen-agent:';

const INTERVAL_MS_MIN = 1000;
const INTERVAL_MS_MAX = 60_000;
const TEXT_CHARS_MAX = 300;

interface CodeState {
  nextMs: number;
  intervalMs: number;
  suppressed: number;
}

/** Writes the agent's own lines. */
export class OwnLog {
  /** The nonce of this process, 16 hexadecimal digits. */
  readonly nonce: string;
  private readonly clock: Clock;
  private readonly sink: LogSink;
  private readonly codes = new Map<string, CodeState>();
  private readonly onSuppressed: () => void;

  constructor(ports: { clock: Clock; random: Random; log: LogSink }, onSuppressed: () => void = () => {}) {
    this.clock = ports.clock;
    this.sink = ports.log;
    this.onSuppressed = onSuppressed;
    this.nonce = Array.from({ length: 16 }, () => Math.floor(ports.random.next() * 16).toString(16)).join('');
  }

  /** A line of the normal life of the agent: started, stopped. */
  info(code: string, text: string): void {
    this.write('info', code, text);
  }

  /**
   * A line about trouble. `code` must come from a fixed set, `text` must hold nothing of a record; `about` names one of
   * several outputs, so that the trouble of one does not hide that of another.
   */
  warn(code: string, text: string, about = ''): void {
    const now = this.clock.nowMs();
    const key = about === '' ? code : `${code} ${about}`;
    let state = this.codes.get(key);
    if (state === undefined) {
      state = { nextMs: 0, intervalMs: INTERVAL_MS_MIN, suppressed: 0 };
      this.codes.set(key, state);
    }
    if (now < state.nextMs) {
      state.suppressed++;
      this.onSuppressed();
      return;
    }
    // Quiet for as long again as it was held back: the next trouble of this kind is news.
    const isNews = now > state.nextMs + state.intervalMs;
    state.intervalMs = isNews ? INTERVAL_MS_MIN : Math.min(2 * state.intervalMs, INTERVAL_MS_MAX);
    const said = about === '' ? text : `${about}: ${text}`;
    this.write('warn', code, state.suppressed > 0 ? `${said} (repeated ${state.suppressed} times)` : said);
    state.suppressed = 0;
    state.nextMs = now + state.intervalMs;
  }

  private write(level: string, code: string, text: string): void {
    this.sink.write(`${OWN_MARK}${this.nonce}^ ${level} ${code} ${text.slice(0, TEXT_CHARS_MAX)}`);
  }
}
