// Time series of a run for the charts of its page: one pass over the control events, one over each lines file.
// Pure and streaming: memory is bounded by the number of bins (at most 1,200) and of pushes shown, not by the lines.

import type { Event } from '../../model/event.ts';
import type { History } from '../../model/history.ts';
import type { RunFacts } from '../../model/run.ts';
import { createBins, type Series } from './bins.ts';
import { createControlSeries, type PushPoint } from './control-series.ts';
import { readLineSeries } from './line-series.ts';
import type { WriteBands } from './write-bands.ts';

/** Everything the charts show. All series have one value per entry of `timesS`. */
export interface RunSeries {
  binMs: number;
  /** Start of each bin, seconds since load start. */
  timesS: number[];
  /** Lines per second at each hop. */
  lines: { due: Series; written: Series; sent: Series; accepted: Series; refused: Series };
  /** Bytes of app lines per second at each hop. */
  bytes: { written: Series; sent: Series; accepted: Series; refused: Series };
  /** Bytes per second of the agent's own output, where it is printed and where it comes back into its input. */
  own: { stdout: Series; reentered: Series };
  /** Longest write(2) in ms that was open in each bin, per app; the control emitter is CONTROL. */
  writes: { name: string; maxMs: Series }[];
  /** Percentiles of the writes of all apps that were open in each bin. */
  writeBands: WriteBands;
  /** Pushes, largest kept where there are more than 2,000. */
  pushes: PushPoint[];
  pushesLeftOut: number;
  /** Whether some pushes were JSON, which is larger than the message the sink's limit counts. */
  jsonPushes: boolean;
  /** Resident memory of the agent's processes, bytes. */
  memory: Series;
}

/** Called once per control event, so that a page reads a history once for all it needs. */
export type OnEvent = (event: Event) => void;

/** Name of the control emitter among the writes; no app can be called so. */
export const CONTROL = 'control emitter';

/** Builds the series of a run; `onEvent` sees every control event on the way. */
export async function buildSeries({
  facts,
  history,
  onEvent,
}: {
  facts: RunFacts;
  history: History;
  onEvent?: OnEvent;
}): Promise<RunSeries> {
  const bins = createBins({ loadStartNs: facts.loadStartNs, endMs: Math.max(facts.endMs, facts.loadEndMs, 1_000) });
  const control = createControlSeries(bins);
  for await (const event of history.control()) {
    onEvent?.(event);
    control.add(event);
  }
  const lines = await readLineSeries(history, bins);
  return {
    binMs: bins.binMs,
    timesS: bins.timesS,
    lines: {
      due: lines.due,
      written: lines.written,
      sent: lines.sentByRecords ?? bins.perSecond(control.sentLines),
      accepted: bins.perSecond(control.pushed().accepted),
      refused: bins.perSecond(control.pushed().refused),
    },
    bytes: {
      written: lines.writtenBytes,
      sent: bins.perSecond(control.sentBytes),
      accepted: bins.perSecond(control.pushed().acceptedBytes),
      refused: bins.perSecond(control.pushed().refusedBytes),
    },
    own: { stdout: bins.perSecond(control.ownStdout), reentered: bins.perSecond(control.ownReentered) },
    writes: [...lines.writes, { name: CONTROL, maxMs: control.controlWrites }].filter(({ maxMs }) =>
      maxMs.some((value) => value !== null),
    ),
    writeBands: lines.writeBands,
    ...control.pushPoints(),
    memory: control.memory(),
  };
}
