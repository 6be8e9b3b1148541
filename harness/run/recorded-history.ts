// The history of a recorded run as checkers read it, over `history.jsonl` and `lines/*.bin` of its folder: control
// events alone, records without objects, or every event in order of time. Reads in blocks; a million lines
// need no more memory than a few keys each, and only for those who ask for order.

import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Event, PhaseData } from '../model/event.ts';
import type { History } from '../model/history.ts';
import { LINE_RECORD_BYTES } from '../model/line-record.ts';
import { type OnHole, parseEvent, readControlLog } from './control-log.ts';
import { createEventPicker, type EventPart, type LineEventContext, toLineEvent } from './line-events.ts';
import { createRecordReader, visitLines } from './lines-file.ts';
import { createTimeOrder } from './time-order.ts';

/** Opens the history in a run folder. Files that are missing or torn are told in `holes()`. */
export async function openHistory(runFolder: string): Promise<History> {
  const linesDir = join(runFolder, 'lines');
  const apps = await listApps(linesDir);
  const holes = new Map<string, string>();
  const onHole: OnHole = (key, sentence) => void holes.set(key, sentence);
  const control = async function* (): AsyncGenerator<Event> {
    for await (const { event } of readControlLog(join(runFolder, 'history.jsonl'), onHole)) yield event;
  };
  return {
    control,
    apps: () => [...apps],
    lines: (app, visit, kinds) => visitLines(join(linesDir, `${app}.bin`), { app, visit, kinds, onHole }),
    recordCount: (app) => Math.floor(statSync(join(linesDir, `${app}.bin`)).size / LINE_RECORD_BYTES),
    holes: () => [...holes.values()],
    [Symbol.asyncIterator]: () => mergeInTime(runFolder, { apps, linesDir, onHole }),
  };
}

async function listApps(linesDir: string): Promise<string[]> {
  const names = await readdir(linesDir).catch(() => []);
  return names
    .filter((name) => name.endsWith('.bin'))
    .map((name) => name.slice(0, -4))
    .sort();
}

/** The run's name as run.json has it; undefined when there is none yet. */
async function readRunName(runFolder: string): Promise<string | undefined> {
  const text = await readFile(join(runFolder, 'run.json'), 'utf8').catch(() => '{}');
  const record = JSON.parse(text) as { plan?: { runName?: string } };
  return record.plan?.runName;
}

/** Events of one source in order of time, one at a time. */
interface TimedSource {
  atNs: number;
  /** Makes the current event and moves on; `atNs` is Infinity after the last. */
  take(): Event;
  close(): void;
}

async function* mergeInTime(
  runFolder: string,
  { apps, linesDir, onHole }: { apps: string[]; linesDir: string; onHole: OnHole },
): AsyncGenerator<Event> {
  const run = await readRunName(runFolder);
  const { source: control, loadStartNs } = await orderControl(join(runFolder, 'history.jsonl'), onHole);
  const sources = [control];
  try {
    for (const app of apps)
      sources.push(await orderLines(join(linesDir, `${app}.bin`), { run, app, loadStartNs }, onHole));
    for (;;) {
      const next = sources.reduce((first, source) => (source.atNs < first.atNs ? source : first));
      if (next.atNs === Number.POSITIVE_INFINITY) return;
      yield next.take();
    }
  } finally {
    for (const source of sources) source.close();
  }
}

/** Control events are numbered as they arrive, which is nearly but not always the order of time. */
async function orderControl(path: string, onHole: OnHole): Promise<{ source: TimedSource; loadStartNs: number }> {
  const order = createTimeOrder();
  const places: number[] = [];
  const times: number[] = [];
  let loadStartNs = 0;
  for await (const { event, offset, bytes } of readControlLog(path, onHole)) {
    order.add(event.atNs, times.length);
    times.push(event.atNs);
    places.push(offset, bytes);
    if (event.kind === 'phase')
      loadStartNs = (event.data as unknown as PhaseData | undefined)?.loadStartNs ?? loadStartNs;
  }
  const sorted = order.sort();
  const file = times.length === 0 ? -1 : openSync(path, 'r');
  const read = (index: number): Event => {
    const line = Buffer.alloc(places[index * 2 + 1]!);
    readSync(file, line, 0, line.length, places[index * 2]!);
    return parseEvent(line)!;
  };
  const close = (): void => {
    if (file !== -1) closeSync(file);
  };
  return { source: stepThrough(sorted, { timeOf: (index) => times[index]!, read, close }), loadStartNs };
}

async function orderLines(path: string, context: LineEventContext, onHole: OnHole): Promise<TimedSource> {
  const order = createTimeOrder();
  const pick = createEventPicker(context.loadStartNs);
  // Two places per record: begin and end of a write are events of their own.
  await visitLines(path, {
    app: context.app,
    onHole,
    visit: (record, position) => pick(record, (part, atNs) => order.add(atNs, position * 2 + part)),
  });
  const reader = createRecordReader(path);
  const timeOf = (place: number): number => {
    const record = reader.at(place >> 1);
    return record.kind === 1 ? context.loadStartNs + record.value * 1e6 : place & 1 ? record.value : record.atNs;
  };
  const read = (place: number): Event =>
    toLineEvent(reader.at(place >> 1), (place & 1) as EventPart, timeOf(place), context);
  return stepThrough(order.sort(), { timeOf, read, close: reader.close });
}

function stepThrough(
  sorted: Uint32Array,
  { timeOf, read, close }: { timeOf: (place: number) => number; read: (place: number) => Event; close: () => void },
): TimedSource {
  let index = 0;
  const now = (): number => (index < sorted.length ? timeOf(sorted[index]!) : Number.POSITIVE_INFINITY);
  const source: TimedSource = {
    atNs: now(),
    take: () => {
      const event = read(sorted[index++]!);
      source.atNs = now();
      return event;
    },
    close,
  };
  return source;
}
