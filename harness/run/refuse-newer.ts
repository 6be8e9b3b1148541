// A folder that a later larsen wrote is no damaged one: whoever reads it is told so before its keys are looked at.

import { HarnessError } from '../core/errors.ts';

/** The format of run.json, result.json and comparison.json that this version writes and reads. */
const FORMAT = 1;

/** Throws E_RUN_FOLDER_INVALID where `raw`, the content of `file`, has a format newer than this larsen's. */
export function refuseNewer(raw: unknown, file: string): void {
  if (typeof raw !== 'object' || raw === null) return;
  const { schema, larsen } = raw as { schema?: unknown; larsen?: unknown };
  if (typeof schema !== 'number' || schema <= FORMAT) return;
  const by = typeof larsen === 'string' ? `larsen ${larsen}` : 'a newer larsen';
  throw new HarnessError(
    'E_RUN_FOLDER_INVALID',
    `${file} has format ${schema}, written by ${by}; this one reads format ${FORMAT}: use that larsen to read it`,
  );
}
