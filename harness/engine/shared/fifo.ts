// Named pipes: a container's stdout is a real pipe of 64 KiB, which Node's own `stdio: 'pipe'` is not (that is a
// socket pair and holds about 109 KiB). The reader (the driver) opens first, then the write end opens at once.

import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { HarnessError } from '../../core/errors.ts';
import { sleep } from '../../core/real-clock.ts';

/** Creates named pipes. Throws E_ENGINE_FIFO where the system cannot. */
export function createFifos(paths: string[]): void {
  try {
    execFileSync('mkfifo', ['-m', '600', ...paths], { stdio: ['ignore', 'ignore', 'pipe'] });
  } catch (cause) {
    throw new HarnessError(
      'E_ENGINE_FIFO',
      'Named pipes could not be created: the process engine needs the command `mkfifo` and a temporary folder on a local disk',
      { cause },
    );
  }
}

const READER_POLL_MS = 10;

/** As openWriteEnd, waiting up to `withinMs` for the reader: one that has not opened its end yet, or is about to. Throws E_ENGINE_FIFO. */
export async function openWriteEndOnceRead(path: string, withinMs: number): Promise<number> {
  for (const startMs = performance.now(); ; await sleep(READER_POLL_MS)) {
    try {
      return openWriteEnd(path);
    } catch (error) {
      if (performance.now() - startMs > withinMs) throw error;
    }
  }
}

/** The blocking write end; the read end must be open already (else this would wait for it: E_ENGINE_FIFO instead). */
export function openWriteEnd(path: string): number {
  // Non-blocking only to find out whether there is a reader: the descriptor passed to a child must block.
  let probe: number;
  try {
    probe = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch (cause) {
    throw new HarnessError('E_ENGINE_FIFO', `Nobody reads the pipe ${path}: the driver did not open it`, { cause });
  }
  const descriptor = openSync(path, constants.O_WRONLY);
  closeSync(probe);
  return descriptor;
}
