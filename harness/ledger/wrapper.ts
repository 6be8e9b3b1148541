// Learns how an agent wraps a line in an entry of the sink, from canaries: lines that hold everything wrappers and
// parsers stumble over. What cannot be learned is judged by id alone.

import { crc32 } from 'node:zlib';
import type { LineWrapper } from '../model/agent.ts';
import { formatLineId } from '../model/line-id.ts';
import type { SinkEntry } from '../model/parts.ts';
import { unwrapLine } from '../model/unwrap.ts';

/** A line of preflight: its id and all its bytes, without newline. */
export interface Canary {
  id: string;
  bytes: Buffer;
}

/** The canaries of an app. `fromSeq` numbers those that are sent again. Default 0. */
export function createCanaries({ run, app, fromSeq = 0 }: { run: string; app: string; fromSeq?: number }): Canary[] {
  return CANARIES.map(({ before, after, bytes }, index) => {
    const withoutId = Buffer.byteLength(before) + Buffer.byteLength(after);
    const seq = fromSeq + index;
    const filler = (length: number): string =>
      bytes === undefined ? '' : 'x'.repeat(Math.max(0, bytes - withoutId - length));
    // The length is part of the id and of the line: one more round when it grows by a digit.
    const length = formatLineId({ run, app, seq, canary: true, bytes: bytes ?? 100, crc: 0 }).length;
    const around = { before, after: after + filler(length) };
    let total = withoutId + filler(length).length + length;
    let id = identify(around, { run, app, seq, bytes: total });
    total = withoutId + filler(length).length + id.length;
    id = identify(around, { run, app, seq, bytes: total });
    return { id, bytes: Buffer.from(around.before + id + around.after) };
  });
}

/** What canaries look like around their id; `bytes`: filled up to so many. */
const CANARIES: { before: string; after: string; bytes?: number }[] = [
  { before: '', after: ' plain and simple' },
  { before: 'quotes "and" \'ticks\' C:\\new\\table \\" ', after: ' {"json":"in \\"text\\""}' },
  { before: '\u001b[32minfo\u001b[39m: ', after: ' \u001b[1mbold\u001b[0m' },
  { before: 'Zürich 日本語 🎥 ', after: ' ß→∞' },
  { before: 'a=b c="d e" ', after: ' f= g==h "i=j"' },
  { before: '  ', after: ' padded \t ' },
  { before: '', after: ' ', bytes: 16_385 },
];

function identify(
  { before, after }: { before: string; after: string },
  id: { run: string; app: string; seq: number; bytes: number },
): string {
  return formatLineId({ ...id, canary: true, crc: crc32(before + after) });
}

/** The wrapper that gives back the most canaries, if it gives back more than half of those that arrived whole. */
export function learnWrapper({ canaries, entries }: { canaries: Canary[]; entries: SinkEntry[] }): LineWrapper {
  const arrived = canaries.flatMap((canary) => {
    const texts = entries
      .map(({ line }) => (typeof line === 'string' ? Buffer.from(line) : Buffer.from(line)))
      .filter((text) => text.includes(canary.id));
    return texts.length === 0 ? [] : [{ canary, texts }];
  });
  const candidates = new Map<string, LineWrapper>([['raw', { kind: 'raw' }]]);
  for (const { texts } of arrived)
    for (const text of texts)
      for (const wrapper of proposeWrappers(text)) candidates.set(JSON.stringify(wrapper), wrapper);
  const judged = [...candidates.values()].map((wrapper) => ({ wrapper, fits: countFits(wrapper, arrived) }));
  const fits = Math.max(...judged.map((one) => one.fits));
  if (fits * 2 <= arrived.length) return { kind: 'unlearnable' };
  return chooseQuoting(judged.filter((one) => one.fits === fits).map(({ wrapper }) => wrapper));
}

function countFits(wrapper: LineWrapper, arrived: { canary: Canary; texts: Buffer[] }[]): number {
  return arrived.filter(({ canary, texts }) => texts.some((text) => unwrapLine(text, wrapper)?.equals(canary.bytes)))
    .length;
}

/**
 * The first of equally good wrappers; but where only one quoting gives the canaries back, that one rather than a guess
 * for each line: `C:\temp` between quotes reads well both ways.
 */
function chooseQuoting(wrappers: LineWrapper[]): LineWrapper {
  const first = wrappers[0]!;
  if (first.kind !== 'logfmt') return first;
  const told = wrappers.filter((other) => other.kind === 'logfmt' && other.key === first.key && other.quoting);
  return told.length === 1 ? told[0]! : first;
}

/** Wrappers that the look of an entry suggests. */
function proposeWrappers(text: Buffer): LineWrapper[] {
  const latin = text.toString('latin1');
  return [...proposeJson(text), ...proposeLogfmt(latin)];
}

function proposeJson(text: Buffer): LineWrapper[] {
  try {
    const object: unknown = JSON.parse(text.toString());
    if (typeof object !== 'object' || object === null || Array.isArray(object)) return [];
    return Object.entries(object).flatMap(([key, value]) => (typeof value === 'string' ? [{ kind: 'json', key }] : []));
  } catch {
    return [];
  }
}

function proposeLogfmt(text: string): LineWrapper[] {
  const keys = new Set([...text.slice(0, 4_096).matchAll(/(?:^| )([^\s="]+)=/g)].map((match) => match[1]!));
  return [...keys].flatMap((key) => [
    { kind: 'logfmt', key },
    { kind: 'logfmt', key, quoting: 'go' },
    { kind: 'logfmt', key, quoting: 'raw' },
  ]);
}
