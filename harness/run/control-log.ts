// Reads `history.jsonl`: control events as JSON lines, numbered from 1 without gaps by their one writer. What is
// torn or missing is told, not guessed: a run that was killed leaves half a line at its end.

import { createReadStream } from 'node:fs';
import type { Event } from '../model/event.ts';
import { isEventShaped } from './event-shape.ts';

/** Told of each thing that is missing, once per kind of thing; `key` keeps repeated passes from repeating it. */
export type OnHole = (key: string, sentence: string) => void;

/** One control event and where its line is in the file. */
export interface ControlLine {
  event: Event;
  offset: number;
  bytes: number;
}

/** The events of the file in order of n. A missing file is a hole, not an error. */
export async function* readControlLog(path: string, onHole: OnHole): AsyncGenerator<ControlLine> {
  const check = createOrderCheck(onHole);
  let offset = 0;
  try {
    for await (const { line, isWhole } of splitLines(path)) {
      const event = isWhole || line.length > 0 ? parseEvent(line) : undefined;
      if (event) {
        check(event.n);
        yield { event, offset, bytes: line.length };
      } else if (line.length > 0) {
        onHole(
          `history@${offset}`,
          isWhole
            ? `history.jsonl holds a line at byte ${offset} that is no event.`
            : 'The last line of history.jsonl is torn.',
        );
      }
      offset += line.length + 1;
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    onHole('history', 'history.jsonl is missing.');
  }
}

/** An event from its line, or undefined when the line holds none. */
export function parseEvent(line: Buffer): Event | undefined {
  try {
    const event: unknown = JSON.parse(line.toString());
    return isEventShaped(event) ? (event as Event) : undefined;
  } catch {
    return undefined;
  }
}

function createOrderCheck(onHole: OnHole): (n: number) => void {
  let last: number | undefined;
  return (n) => {
    const expected = last === undefined ? 1 : last + 1;
    // Numbering from 0 is as good as from 1.
    const isStart = last === undefined && n === 0;
    if (n > expected)
      onHole(
        `n${n}`,
        n === expected + 1 ? `Event ${expected} is missing.` : `Events ${expected} to ${n - 1} are missing.`,
      );
    else if (n < expected && !isStart) onHole(`n${n} again`, `Event ${n} comes after event ${last}.`);
    last = Math.max(last ?? n, n);
  };
}

const NEWLINE = 0x0a;

/** Lines without their newline; the rest after the last newline comes last, marked as not whole. */
async function* splitLines(path: string): AsyncGenerator<{ line: Buffer; isWhole: boolean }> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(path, { highWaterMark: 262_144 }) as AsyncIterable<Buffer>) {
    const block = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let from = 0;
    for (let end = block.indexOf(NEWLINE); end !== -1; end = block.indexOf(NEWLINE, from)) {
      yield { line: block.subarray(from, end), isWhole: true };
      from = end + 1;
    }
    rest = Buffer.from(block.subarray(from));
  }
  yield { line: rest, isWhole: false };
}
