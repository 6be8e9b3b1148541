// One format of a recorded result as text, for a pipe: nothing is judged and nothing written.

import { HarnessError } from '../core/errors.ts';
import { formatGithub } from '../report/github.ts';
import { REPORT_FORMATS } from '../report/registry.ts';
import { findResult } from './render-again.ts';

/** The text of a format. Throws E_RUN_FOLDER_READ. */
export function formatFolder(folder: string, format: 'markdown' | 'junit' | 'json' | 'github'): string {
  const result = findResult(folder);
  if (!result)
    throw new HarnessError(
      'E_RUN_FOLDER_READ',
      `${folder} holds no result.json: name the folder that \`larsen run\` printed`,
    );
  return format === 'github' ? formatGithub(result) : REPORT_FORMATS[format]!.render(result);
}
