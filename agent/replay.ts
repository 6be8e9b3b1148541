// Sends dead letters again, through the buffer and the outputs of the config as it is now. What is refused once more
// becomes a dead letter once more.

import { parseLabels } from './codec/push-reader.ts';
import type { AgentConfig } from './config/schema.ts';
import { type DeadLetter, deadLetterPath, lineOf } from './delivery/dead-letters.ts';
import { AgentError } from './errors.ts';
import { nameOutputs } from './lane.ts';
import { Pipeline } from './pipeline.ts';
import type { Files, Ports } from './ports.ts';

/** What became of the letters, in entries; `unreadable` lines of the file are left out of all. */
export interface ReplaySummary {
  read: number;
  sent: number;
  failed: number;
  unreadable: number;
}

/** Replays all dead letters of a config. Rejects with `E_DEAD_LETTERS` where there are none to be read. */
export async function replayDeadLetters(config: AgentConfig, ports: Ports): Promise<ReplaySummary> {
  const folder = config.deadLetters?.path;
  if (folder === undefined)
    throw new AgentError('E_DEAD_LETTERS', 'the config has no `deadLetters`; set `deadLetters.path` to their folder');
  const taken: string[] = [];
  for (const path of [deadLetterPath(folder, 1), deadLetterPath(folder)]) {
    const aside = `${path}.replaying`;
    // A replay that was cut short has left its file: it is part of this one.
    if ((await succeeds(ports.files.stat(aside))) || (await succeeds(ports.files.rename(path, aside))))
      taken.push(aside);
  }
  if (taken.length === 0)
    throw new AgentError('E_DEAD_LETTERS', `there are no dead letters in ${folder}: nothing has to be replayed`);
  const pipeline = new Pipeline(
    { ...config, inputs: [], labels: { ...config.labels, instance: config.labels.instance ?? 'unknown' } },
    ports,
  );
  await pipeline.start();
  const summary = { read: 0, sent: 0, failed: 0, unreadable: 0 };
  const letters: DeadLetter[] = [];
  for (const path of taken) letters.push(...read(await readText(ports.files, path), summary));
  const due = feed(pipeline, letters, nameOutputs(config.outputs));
  pipeline.flush();
  const deadlineMs = ports.clock.nowMs() + config.drainWithin;
  while (!pipeline.isEmpty && ports.clock.nowMs() < deadlineMs)
    await new Promise<void>((resolve) => ports.clock.setTimer(resolve, 10));
  pipeline.bury();
  await pipeline.stop();
  const { sent } = pipeline.counters.sum();
  // What was not sent is a letter of the new file, so that a second replay sends nothing twice.
  if (pipeline.counters.totals.deadLettersLost === 0) for (const path of taken) await ports.files.remove(path);
  return { ...summary, sent, failed: due - sent };
}

function succeeds(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  );
}

function read(text: string, summary: ReplaySummary): DeadLetter[] {
  const letters = text.split('\n').flatMap((row) => (row === '' ? [] : [parseLetter(row)]));
  const found = letters.flatMap((letter) => letter ?? []);
  summary.read += found.length;
  summary.unreadable += letters.length - found.length;
  return found;
}

/**
 * Hands each letter to the output that is without it, and to all if none is named or it is gone: the others have stored it.
 * A batch goes to certain outputs as a whole, so that it is sealed between them. Returns how often a letter is to be sent.
 */
function feed(pipeline: Pipeline, letters: readonly DeadLetter[], names: readonly string[]): number {
  let due = 0;
  for (const name of [...names, undefined]) {
    const some = letters.filter(({ output = '' }) => (names.includes(output) ? output : undefined) === name);
    const targets = name === undefined ? names : [name];
    due += some.length * targets.length;
    pipeline.sendTo(targets, () => {
      for (const { labels, ns, metadata = {}, ...letter } of some) {
        const { app = 'unknown' } = parseLabels(labels);
        pipeline.path.takeLetter({ labels, app, line: lineOf(letter), ns: BigInt(ns), metadata });
      }
    });
  }
  return due;
}

function parseLetter(row: string): DeadLetter | undefined {
  try {
    const letter = JSON.parse(row) as DeadLetter;
    return typeof letter.labels === 'string' && /^\d{1,20}$/.test(letter.ns) ? letter : undefined;
  } catch {
    return undefined;
  }
}

async function readText(files: Files, path: string): Promise<string> {
  const file = await files.open(path, 'read');
  try {
    const bytes = Buffer.alloc((await file.stat()).size);
    await file.read(bytes, 0);
    return bytes.toString('utf8');
  } finally {
    await file.close();
  }
}
