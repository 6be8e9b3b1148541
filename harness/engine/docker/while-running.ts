// Waiting for a container to get ready ends when the container does: what it printed says more than a time-out.

import { HarnessError } from '../../core/errors.ts';
import { bounded } from './bounded.ts';
import type { RunContainer } from './container.ts';
import { createDemultiplexer } from './own-output.ts';

const TAIL_LINES = 5;

/** Resolves as `ready` does. Throws E_DOCKER_CONTAINER with the end of its output when the container ends before. */
export async function whileRunning<T>(container: RunContainer, ready: Promise<T>): Promise<T> {
  ready.catch(() => undefined);
  const outcome = await Promise.race([ready.then((value) => ({ value })), container.ended()]);
  if (typeof outcome === 'object' && outcome !== null) return outcome.value;
  // The watch was given up: that is no word of its end.
  if (outcome === null) return ready;
  throw new HarnessError(
    'E_DOCKER_CONTAINER',
    `Container ${container.name} ended with code ${outcome} before it was ready. ${await readTail(container)}`,
  );
}

/** What it printed last, for the message. */
async function readTail({ handle, name }: RunContainer): Promise<string> {
  try {
    const printed = await bounded(`logs ${name}`, (abortSignal) =>
      handle.logs({ stdout: true, stderr: true, tail: TAIL_LINES, abortSignal }),
    );
    let text = '';
    createDemultiplexer((chunk) => {
      text += chunk.toString('utf8');
    })(printed as unknown as Buffer);
    return text.trim() === '' ? 'It printed nothing' : `It printed: ${text.trim()}`;
  } catch {
    return 'What it printed could not be read';
  }
}
