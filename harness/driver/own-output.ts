// What is counted of the agent's own output as it comes out of its pipes, whatever driver keeps it: bytes, lines,
// ids of app lines (it prints payload), runs of backslashes (how often that payload came around).

import type { AgentOwnData } from '../model/event.ts';
import type { LineMessage } from './log-message.ts';

const SAMPLE_CHARS = 200;

/** Counts one agent's output. */
export interface OwnOutput {
  /** A line or piece left the copier. */
  observe(message: LineMessage): void;
  /** The event's data since the last call; `read` is what came out of the pipes meanwhile. */
  take(read: { bytes: number; lines: number }): AgentOwnData;
}

/** A counter that has seen nothing. */
export function createOwnOutput(): OwnOutput {
  let ids = 0;
  let backslashRunMax = 0;
  let sample: string | undefined;
  return {
    observe(message) {
      ids += message.ids;
      if (message.backslashRun > backslashRunMax) backslashRunMax = message.backslashRun;
      if (message.ids === 0 || sample !== undefined) return;
      sample = message.bytes.toString('utf8', message.start, Math.min(message.end, message.start + SAMPLE_CHARS));
    },
    take({ bytes, lines }) {
      const data: AgentOwnData = { point: 'stdout', bytes, lines, ids, backslashRunMax };
      if (sample !== undefined) data.sample = sample;
      ids = 0;
      backslashRunMax = 0;
      sample = undefined;
      return data;
    },
  };
}
