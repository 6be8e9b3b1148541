// A disk that takes no more under the folder for results is nobody's defect: it is told with the folder and the remedy.

import { HarnessError } from '../core/errors.ts';

const SAID: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota is used up',
  EROFS: 'it was mounted read-only',
  EIO: 'the disk fails',
  EFBIG: 'a file may not be so large',
};

/** Does `work`, which writes below `folder`. Throws E_RUN_FOLDER_WRITE when the disk refuses, else what `work` throws. */
export async function withDiskTold<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const said = SAID[(cause as NodeJS.ErrnoException | null)?.code ?? ''];
    if (said === undefined) throw cause;
    throw new HarnessError(
      'E_RUN_FOLDER_WRITE',
      `Results could not be written to ${folder}: ${said}. What was written until then is no proof of anything: make room, or choose another \`--out\``,
      { cause },
    );
  }
}
