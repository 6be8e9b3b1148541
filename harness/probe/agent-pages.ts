// Asks the agent's own pages during a run: `health` each second, `metrics` every other. What comes back is recorded as
// it is and judged later. One request of a kind at a time, each bounded in time and size.

import { request } from 'undici';
import type { EmittedEvent, ProbeData } from '../model/event.ts';
import { readDropCounters } from './drop-counters.ts';

/** The pages; null: the agent has none. */
export interface AgentPages {
  health: string | null;
  metrics: string | null;
}

/** Asks until stopped. */
export interface PageWatch {
  /** Asks for the metrics a last time and ends; resolves within the time bound of a request. */
  stop(): Promise<void>;
}

const HEALTH_EVERY_MS = 1_000;
const METRICS_EVERY_MS = 2_000;
const ANSWER_WITHIN_MS = 2_000;
const PAGE_BYTES_MAX = 4 * 1_048_576;

/** Starts asking. */
export function watchAgentPages(pages: AgentPages, record: (event: EmittedEvent) => void): PageWatch {
  const tell = (data: ProbeData): void => record({ kind: 'probe', hop: 'agent', data: { ...data } });
  const askers: { every: NodeJS.Timeout; ask(): Promise<void> }[] = [];
  const repeat = (everyMs: number, ask: () => Promise<void>): void => {
    let isAsking = false;
    const askAlone = async (): Promise<void> => {
      if (isAsking) return;
      isAsking = true;
      await ask();
      isAsking = false;
    };
    askers.push({ every: setInterval(() => void askAlone(), everyMs), ask: askAlone });
  };
  const { health, metrics } = pages;
  const askMetrics = async (url: string): Promise<void> => {
    const { text, ...answer } = await readPage(url);
    tell({ probe: 'metrics', ...answer, counters: readDropCounters(text) });
  };
  if (health !== null)
    repeat(HEALTH_EVERY_MS, async () => {
      const { text: _text, ...answer } = await readPage(health);
      tell({ probe: 'health', ...answer });
    });
  if (metrics !== null) repeat(METRICS_EVERY_MS, () => askMetrics(metrics));
  return {
    async stop() {
      for (const { every } of askers) clearInterval(every);
      if (askers.length > 0 && metrics !== null) await askMetrics(metrics);
      askers.length = 0;
    },
  };
}

/** The answer to one request. `status` 0: none within the bound, or none at all. */
async function readPage(url: string): Promise<{ status: number; tookMs: number; text: string }> {
  const startMs = performance.now();
  const took = (): number => Math.round(performance.now() - startMs);
  try {
    const { statusCode, body } = await request(url, {
      // Each request on a connection of its own: an agent that was restarted must not be asked on a dead one.
      reset: true,
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    const parts: Buffer[] = [];
    let bytes = 0;
    for await (const part of body as AsyncIterable<Buffer>) {
      parts.push(part);
      bytes += part.length;
      if (bytes > PAGE_BYTES_MAX) break;
    }
    return { status: statusCode, tookMs: took(), text: Buffer.concat(parts).toString('utf8') };
  } catch {
    return { status: 0, tookMs: took(), text: '' };
  }
}
