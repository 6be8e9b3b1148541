// GET requests to a Loki, real or embedded, as the reader needs them: JSON out, and an error that tells what was
// asked and what came back.

import { HarnessError } from '../core/errors.ts';

/** Where to read and until when. */
export interface LokiTarget {
  /** Base URL, without a path. */
  url: string;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/** What to read: from `fromNs` (included) to `toNs` (excluded), Unix ns. */
export interface LokiWindow extends LokiTarget {
  fromNs: bigint;
  toNs: bigint;
}

/** The parsed body of a 200. Throws a HarnessError (E_SINK_READ) for anything else. */
export async function getJson(target: LokiTarget, path: string, params: Record<string, string>): Promise<unknown> {
  const url = `${target.url.replace(/\/$/, '')}${path}?${new URLSearchParams(params)}`;
  const init = { headers: target.headers ?? {}, ...(target.signal ? { signal: target.signal } : {}) };
  let response: Response;
  try {
    response = await fetch(url, init);
    if (response.status === 200) return await response.json();
  } catch (error) {
    target.signal?.throwIfAborted();
    throw new HarnessError(
      'E_SINK_READ',
      `The sink at ${target.url} gave no answer to GET ${path}. Is it still running?`,
      {
        cause: error,
      },
    );
  }
  const text = (await response.text()).slice(0, 300).trim();
  throw new HarnessError(
    'E_SINK_READ',
    `The sink at ${target.url} answered GET ${path} with ${response.status}: ${text}`,
  );
}
