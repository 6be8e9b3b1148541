// What Loki says about entries that it refuses, by the texts of its versions. It stores the others of the push, so that each
// text is worth knowing: what is not told apart has to be searched for by pushing again.

import type { ReceiverRate, Refusal } from '../model.ts';

const STREAM = String.raw`(\{(?:[^"}]|"(?:[^"\\]|\\.)*")*\})`;
const TIME = String.raw`(\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z| ?[+-]\d\d:?\d\d(?: [A-Z]{3,4})?)?)`;

/** Each kind of text, and what it says of the stream it names. */
const KINDS: readonly { text: RegExp; read(match: RegExpExecArray): Refusal }[] = [
  {
    text: /max entry size '?(\d+)'? bytes exceeded/gi,
    read: ([, limit]) => ({ reason: 'line_too_long', longerThan: Number(limit) }),
  },
  {
    text: new RegExp(
      `entry for stream '${STREAM}' has timestamp too old: ${TIME}, oldest acceptable timestamp is: ${TIME}`,
      'g',
    ),
    read: ([, labels, at = '', oldest = '']) => ({
      reason: 'too_old',
      ...onStream(labels),
      at: { ns: [readTime(at)], precision: precisionOf(at) },
      beforeNs: readTime(oldest),
    }),
  },
  {
    text: new RegExp(`entry for stream '${STREAM}' has timestamp too new: ${TIME}`, 'g'),
    read: ([, labels, at = '']) => ({
      reason: 'too_new',
      ...onStream(labels),
      at: { ns: [readTime(at)], precision: precisionOf(at) },
    }),
  },
  {
    text: new RegExp(
      `stream '${STREAM}' has (?:\\d+ label names; limit|label name too long|label value too long|duplicate label name)`,
      'g',
    ),
    read: ([, labels]) => ({ reason: 'bad_labels', ...onStream(labels), all: true }),
  },
  {
    text: new RegExp(`stream '${STREAM}' includes structured metadata, but this feature is disallowed`, 'g'),
    read: ([, labels]) => ({ reason: 'metadata_disallowed', ...onStream(labels), withMetadata: true }),
  },
  {
    text: new RegExp(`stream '${STREAM}' has (?:structured metadata too large|too many structured metadata)`, 'g'),
    read: ([, labels]) => ({ reason: 'metadata_too_large', ...onStream(labels) }),
  },
];

/** Refused entries by their answer's text; `undefined` if it says nothing that is known. */
export function readRefusals(body: string): Refusal[] | undefined {
  const refusals = [...readIgnored(body)];
  for (const { text, read } of KINDS) for (const match of body.matchAll(text)) refusals.push(read(match));
  if (refusals.length === 0) return undefined;
  // An answer that was cut may have named more.
  return body.length < BODY_CUT ? refusals : [...refusals, { reason: 'refused' }];
}

/** The agent keeps 16 KiB of an answer; in characters that may be somewhat less. */
const BODY_CUT = 16_000;

/**
 * `entry with timestamp T ignored, reason: '…'` for ten entries at most, then `total ignored: 3 out of 10 for stream: {…}`;
 * until 2.3 each of the ten names the stream, and the sum does not.
 */
function* readIgnored(body: string): Generator<Refusal> {
  const lines = new RegExp(
    `entry with timestamp ${TIME} ignored, reason: '([^']*)'(?:[^\\n{]*for stream: ${STREAM})?|total ignored: (\\d+) out of \\d+(?: for stream: ${STREAM})?`,
    'g',
  );
  let at: bigint[] = [];
  let labels: string | undefined;
  let beforeNs: bigint | undefined;
  for (const [, time, why = '', stream, count, sumStream] of body.matchAll(lines)) {
    if (count === undefined) {
      at.push(readTime(time as string));
      labels = stream ?? labels;
      const oldest = new RegExp(`oldest acceptable timestamp is: ${TIME}`).exec(why)?.[1];
      // Rounded down to its second: what lies before is refused for certain, what lies in it may be.
      if (oldest !== undefined) beforeNs = readTime(oldest);
      continue;
    }
    yield {
      reason: 'refused',
      ...onStream(sumStream ?? labels),
      entries: Number(count),
      ...(at.length === 0 ? {} : { at: { ns: at, precision: 'ns' } }),
      ...(beforeNs === undefined ? {} : { beforeNs }),
    };
    at = [];
    labels = beforeNs = undefined;
  }
}

function onStream(labels: string | undefined): { labels?: string } {
  return labels === undefined ? {} : { labels };
}

/** Loki formats some times with their fraction, others as RFC 3339 without. */
function precisionOf(text: string): 'ns' | 'second' {
  return text.includes('.') ? 'ns' : 'second';
}

function readTime(text: string): bigint {
  const [, date = '', time = '', fraction = '', zone = ''] =
    /^(\S{10})[ T](\d\d:\d\d:\d\d)(?:\.(\d+))?(?:Z| ?([+-]\d\d:?\d\d)(?: [A-Z]+)?)?$/.exec(text) ?? [];
  const offset = zone === '' ? 'Z' : zone.replace(/^(...):?(..)$/, '$1:$2');
  const seconds = Date.parse(`${date}T${time}${offset}`) / 1000;
  return Number.isNaN(seconds) ? -1n : BigInt(seconds) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0').slice(0, 9));
}

const UNITS: Readonly<Record<string, number>> = { B: 1, KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3, TB: 1024 ** 4 };

/** The rate in the text of a 429; `undefined` if it names none. */
export function readRate(body: string): ReceiverRate | undefined {
  const stream = new RegExp(
    `per stream rate limit exceeded \\(limit: ([\\d.]+)([KMGT]?B)/sec\\)(?:[^{]*for stream '?${STREAM})?`,
    'i',
  ).exec(body);
  if (stream !== null) {
    const bytesPerSecond = Number(stream[1]) * (UNITS[(stream[2] ?? '').toUpperCase()] ?? 1);
    return bytesPerSecond > 0 ? { bytesPerSecond, ...onStream(stream[3]) } : undefined;
  }
  const all = /ingestion rate limit (?:exceeded .{0,200}?\(limit: (\d+) bytes\/sec\)|\((\d+)\) exceeded)/i.exec(body);
  const bytesPerSecond = Number(all?.[1] ?? all?.[2] ?? 0);
  return bytesPerSecond > 0 ? { bytesPerSecond } : undefined;
}
