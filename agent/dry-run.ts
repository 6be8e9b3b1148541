// What would be sent for sample lines: the same labels, steps and limits as in a running agent, and nothing is sent.

import { Intake } from './buffer/intake.ts';
import { StreamTable } from './buffer/stream-table.ts';
import type { AgentConfig } from './config/schema.ts';
import type { AppCounters } from './model.ts';
import { Counters } from './observe/counters.ts';
import { OWN_MARK } from './observe/own-log.ts';
import type { Clock, Random } from './ports.ts';
import { createLineSteps } from './process/line-steps.ts';

/** What becomes of a sample: an entry that would be sent, or why there is none. */
export type DryRunResult =
  | { labels: Readonly<Record<string, string>>; line: string }
  | { dropped: string; line: string };

/** The senders of samples. */
export interface DryRunOptions {
  config: AgentConfig;
  /** Tag of the samples, and the name of their container. */
  tag: string;
  containerName: string;
  clock: Clock;
  random: Random;
}

/** Tells what becomes of each line. Lines that are held back (multi-line) follow at the end. */
export function* dryRun(lines: Iterable<Uint8Array>, options: DryRunOptions): Generator<DryRunResult> {
  const { config, clock, random } = options;
  const labels = { ...config.labels, instance: config.labels.instance ?? 'unknown' };
  const counters = new Counters(labels.streamsMax);
  const streams = new StreamTable({ labels, streamsMax: labels.streamsMax, counters });
  const results: DryRunResult[] = [];
  const intake = new Intake({
    ...{
      streams,
      counters,
      lineMax: config.lineMax,
      lineOver: config.lineOver,
      lineMark: Buffer.from(config.lineMark),
      wallMs: () => clock.wallMs(),
    },
    batcher: {
      append(stream, bytes, start, length) {
        const line = Buffer.from(bytes.subarray(start, start + length)).toString('utf8');
        results.push(line.includes(OWN_MARK) ? { dropped: 'self', line } : { labels: stream.set, line });
      },
    },
  });
  intake.processor = createLineSteps(
    { ...config.process, jsonLabels: labels.json },
    {
      ...{ clock, random, counters },
      derive: (base, values) => streams.derive(base, values),
      metadata: () => undefined,
      passOn: (line) => intake.passHeld(line, undefined),
    },
  );
  for (const line of lines) {
    const target = intake.target(options.tag, options.containerName);
    const before = drops(target.counters);
    // Scrubbing works in the line's own memory; what is shown as dropped is shown as it came.
    const sample = Uint8Array.from(line);
    intake.takeLine(target, sample, 0, sample.length, Math.floor(clock.wallMs() / 1000), 0);
    for (const [reason, count] of drops(target.counters))
      if (count > (before.get(reason) ?? 0))
        results.push({ dropped: reason, line: Buffer.from(line).toString('utf8') });
    yield* results.splice(0);
  }
  intake.processor?.flush();
  yield* results.splice(0);
}

function drops(counters: AppCounters): Map<string, number> {
  return new Map(counters.dropped);
}
