// The line id in the path of a request: it was made by the load generator before there was a line, so its length
// and checksum are zero.

import { formatLineId, LINE_ID_PREFIX } from '../model/line-id.ts';

/** The id that a request carries. */
export interface RequestId {
  seq: number;
  id: string;
}

/** Finds the id of `app` in a path or url; null when there is none. */
export function createRequestIdFinder({ run, app }: { run: string; app: string }): (path: string) => RequestId | null {
  const pattern = new RegExp(`${LINE_ID_PREFIX}${run}-${app}-(\\d{1,10})-0-0{8}`);
  return (path) => {
    const match = pattern.exec(path);
    return match ? { seq: Number(match[1]), id: match[0] } : null;
  };
}

/** The id of the same request at another app. */
export function formatRequestId({ run, app, seq }: { run: string; app: string; seq: number }): string {
  return formatLineId({ run, app, seq, canary: false, bytes: 0, crc: 0 });
}
