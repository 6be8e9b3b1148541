// The one writer of history.jsonl: numbers events, stamps those without a time, and writes them in blocks.

import { closeSync, openSync, writeSync } from 'node:fs';
import { nowNs } from '../core/real-clock.ts';
import type { EmittedEvent, Event, EventRef } from '../model/event.ts';

/** Appends events to a run's history. */
export interface HistoryWriter {
  /** Takes an event; written within 100 ms. Returns what findings cite. */
  record(event: EmittedEvent): EventRef;
  /** Called with each event as it is taken, for live progress. */
  onEvent: ((event: Event) => void) | null;
  flush(): void;
  close(): void;
  /** The first error of the disk, if one came: the history has holes and the run is unknown. */
  readonly failure: Error | null;
}

/** Opens `path` for appending. */
export function createHistoryWriter(path: string): HistoryWriter {
  const file = openSync(path, 'a');
  let count = 0;
  let pending: string[] = [];
  let failure: Error | null = null;
  const flush = (): void => {
    if (pending.length === 0) return;
    const block = Buffer.from(`${pending.join('\n')}\n`);
    pending = [];
    try {
      for (let done = 0; done < block.length; ) done += writeSync(file, block, done);
    } catch (error) {
      failure ??= error as Error;
    }
  };
  const timer = setInterval(flush, 100);
  timer.unref();
  const writer: HistoryWriter = {
    onEvent: null,
    record(emitted) {
      const event: Event = { n: ++count, atNs: nowNs(), ...emitted };
      pending.push(JSON.stringify(event));
      if (pending.length >= 500) flush();
      writer.onEvent?.(event);
      return `history#${event.n}`;
    },
    flush,
    close() {
      clearInterval(timer);
      flush();
      closeSync(file);
    },
    get failure() {
      return failure;
    },
  };
  return writer;
}
