// What a comparison leaves behind beside the results of its runs: comparison.json, compare.md, compare.html.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HarnessError } from '../../core/errors.ts';
import type { Comparison } from '../../model/comparison.ts';
import { formatComparison } from '../../report/compare/markdown.ts';
import { renderComparison } from '../../report/compare/page.ts';
import { shortenPath } from '../output-folder.ts';

/** Writes the three files; returns the path of the page as the caller would type it. */
export async function writeComparison(comparison: Comparison, outDir: string): Promise<string> {
  try {
    await writeFile(join(outDir, 'comparison.json'), `${JSON.stringify(comparison, null, 2)}\n`);
    await writeFile(join(outDir, 'compare.md'), formatComparison(comparison));
    await writeFile(join(outDir, 'compare.html'), renderComparison(comparison));
  } catch (cause) {
    throw new HarnessError('E_ARGUMENT_OUT', `The comparison can't be written to ${outDir}: choose another \`--out\``, {
      cause,
    });
  }
  return shortenPath(join(outDir, 'compare.html'));
}
