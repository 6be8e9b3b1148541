// Makes a socket file that never, not even for a moment, lets in more than its mode says: binding makes the file with what the
// umask leaves, and whoever connects before a later chmod stays connected.

import { chmodSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

/** Only who may write to a socket file can connect; executing means nothing there, but does for folders made meanwhile. */
const READ_AND_WRITE = 0o666;

/** Runs `bind`, which makes the file before it returns, and gives the file its mode; without one the umask decides. */
export async function makeSocketFile<Bound>(
  path: string,
  mode: number | undefined,
  bind: () => Promise<Bound>,
): Promise<Bound> {
  if (mode === undefined) return bind();
  const bound = await withUmask(~mode & READ_AND_WRITE, bind);
  // The umask only takes away, and does nothing where the folder has a default ACL.
  chmodSync(path, mode);
  return bound;
}

/** The umask is of the whole process, so only for the length of the call; a worker thread may not set it. */
function withUmask<Result>(mask: number, run: () => Result): Result {
  if (!isMainThread) return run();
  const before = process.umask(mask);
  try {
    return run();
  } finally {
    process.umask(before);
  }
}
