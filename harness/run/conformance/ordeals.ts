// What happens to the agent as a whole: its output stalls, it is killed and started again. Each ordeal has the agent for
// itself, one after the other.

import { sleep } from '../../core/real-clock.ts';
import { waitUntil } from '../../core/wait-until.ts';
import { encodeMessage } from './encode.ts';
import { type Row, recordOf } from './rows.ts';
import type { Stand } from './stand.ts';

/** How much is sent into an agent whose output stalls before it counts as one that reads on. */
export const FLOOD_BYTES = 32 * 1_048_576;
const LINE = 'x'.repeat(1_000);
const MESSAGES_PER_WRITE = 64;
const STUCK_MS = 2_500;
/** Longer than an agent waits between two tries. */
const QUIET_MS = 8_000;
const ROUND_MS = 100;
const ROUNDS_MAX = 600;
const KILL_WITHIN_MS = 3_000;

/** Fills the agent while nothing is taken from it, then lets all of it go and counts. */
const stalledOutput: Row = {
  id: 'stalled-output',
  title: 'keeps what it took while its output stalled',
  must: false,
  ask: async (stand) => {
    using sender = await stand.connect();
    stand.farEnd.stall();
    let lines = 0;
    const key = stand.marker('flood');
    // As Docker's driver sends: a message for each line.
    const encodeNext = (): Buffer =>
      encodeMessage('flood', [recordOf(`${key}-${lines++} ${LINE}`)], { mode: 'message', time: 'event-time' });
    const messages = function* (): Generator<Buffer> {
      for (let bytes = 0; bytes < FLOOD_BYTES; ) {
        const message = Buffer.concat(Array.from({ length: MESSAGES_PER_WRITE }, () => encodeNext()));
        bytes += message.length;
        yield message;
      }
    };
    const { acceptedBytes, isStuck } = await sender.flood(messages(), STUCK_MS);
    stand.farEnd.resume();
    const kept = await countWhenQuiet(stand, { key, lines });
    const mebibytes = (acceptedBytes / 1_048_576).toFixed(1);
    const behaviour = isStuck ? `stopped reading after ${mebibytes} MiB` : `read on, past ${mebibytes} MiB`;
    return { holds: kept === lines, seen: `${behaviour}; ${kept} of ${lines} records arrived afterwards` };
  },
};

/** Distinct records of the flood, once all are there or no more come for a while. */
async function countWhenQuiet(stand: Stand, { key, lines }: { key: string; lines: number }): Promise<number> {
  const pattern = new RegExp(`${key}-(\\d+) `);
  const found = new Set<string>();
  let from = 0;
  for (let quietMs = 0, rounds = 0; quietMs < QUIET_MS && found.size < lines && rounds < ROUNDS_MAX; rounds++) {
    await sleep(ROUND_MS);
    const entries = stand.farEnd.entries();
    quietMs = entries.length === from ? quietMs + ROUND_MS : 0;
    for (; from < entries.length; from++) {
      const number = pattern.exec(entries[from]!.text)?.[1];
      if (number !== undefined) found.add(number);
    }
  }
  return found.size;
}

/** A new agent at the same address: with a socket file that a kill left behind. */
const restart: Row = {
  id: 'restart',
  title: 'is there again after a kill, at the same address',
  must: false,
  ask: async (stand) => {
    await stand.agent.handle.signal('SIGKILL');
    await waitUntil(() => stand.agent.handle.pid() === null, { withinMs: KILL_WITHIN_MS });
    try {
      await stand.agent.start();
    } catch (error) {
      return { holds: false, seen: (error as Error).message.split(';')[0]! };
    }
    return takes(stand);
  },
};

/** Whether a message gets through. */
export async function takes(stand: Stand): Promise<{ holds: boolean; seen: string }> {
  using sender = await stand.connect();
  const marker = stand.marker('takes');
  sender.write(encodeMessage('conformance', [recordOf(`line ${marker}`)], { mode: 'message', time: 'event-time' }));
  const isArrived = (await stand.arrival(marker)) !== undefined;
  return { holds: isArrived, seen: isArrived ? 'a message arrived' : 'no message arrived' };
}

/** In this order. */
export const ORDEALS: readonly Row[] = [stalledOutput, restart];
