// What one asks of a receiver of the Forward protocol, a row each. A row tries one thing on a connection of its own and
// tells what it saw; `must` rows are what the specification demands of every server.

import { waitUntil } from '../../core/wait-until.ts';
import { encodeMessage, type MessageForm, type SentRecord } from './encode.ts';
import type { Stand } from './stand.ts';

/** What a row saw. */
export interface RowOutcome {
  holds: boolean;
  /** What was seen, for people. */
  seen: string;
}

/** One question. */
export interface Row {
  id: string;
  title: string;
  /** Demanded by the specification; else it is good to know. */
  must: boolean;
  ask(stand: Stand): Promise<RowOutcome>;
}

/** Behind the arrival of the record. */
const ACK_WITHIN_MS = 3_000;
/** What an agent that closes a connection for odd bytes takes at most. */
const CLOSE_WITHIN_MS = 300;
const CONTAINER = 'c0ffee'.padEnd(64, '0');

/** A record as Docker sends it. */
export function recordOf(log: string, more: Record<string, string> = {}): SentRecord {
  const fields = { container_id: CONTAINER, container_name: '/conformance', source: 'stdout', log, ...more };
  return { timeNs: BigInt(Date.now()) * 1_000_000n + 123_456n, fields };
}

const MODES: { id: string; title: string; form: MessageForm }[] = [
  { id: 'message', title: 'message mode', form: { mode: 'message', time: 'integer' } },
  { id: 'forward', title: 'forward mode', form: { mode: 'forward', time: 'event-time' } },
  { id: 'packed', title: 'packed forward mode, as bin', form: { mode: 'packed', time: 'event-time' } },
  { id: 'packed-str', title: 'packed forward mode, as str', form: { mode: 'packed-str', time: 'event-time' } },
  {
    id: 'compressed',
    title: 'compressed packed forward mode (gzip)',
    form: { mode: 'compressed', time: 'event-time' },
  },
  {
    id: 'compressed-members',
    title: 'the same, of several gzip members',
    form: { mode: 'compressed', time: 'event-time', members: 2 },
  },
];

const modeRows: Row[] = MODES.map(({ id, title, form }) => ({
  id,
  title,
  must: true,
  ask: async (stand) => {
    using sender = await stand.connect();
    const markers = [stand.marker(id), stand.marker(id)].slice(0, form.mode === 'message' ? 1 : 2);
    sender.write(
      encodeMessage(
        'conformance',
        markers.map((marker) => recordOf(`line ${marker}`)),
        form,
      ),
    );
    const arrived = await Promise.all(markers.map((marker) => stand.arrival(marker)));
    const count = arrived.filter((entry) => entry !== undefined).length;
    const end = count < markers.length && sender.isClosed() ? ', connection closed' : '';
    return { holds: count === markers.length, seen: `${count} of ${markers.length} records arrived${end}` };
  },
}));

const timeRows: Row[] = (['integer', 'event-time'] as const).map((time) => ({
  id: `time-${time}`,
  title: time === 'integer' ? 'integer time is kept' : 'EventTime is kept to the nanosecond',
  must: time === 'integer',
  ask: async (stand) => {
    using sender = await stand.connect();
    const marker = stand.marker('time');
    // A stream of its own: an agent may move times within one to keep their order.
    const record = recordOf(`line ${marker}`, { container_name: `/${time}` });
    sender.write(encodeMessage(time, [record], { mode: 'message', time }));
    const entry = await stand.arrival(marker);
    if (!entry) return { holds: false, seen: 'the record did not arrive' };
    const sentNs = time === 'integer' ? (record.timeNs / 1_000_000_000n) * 1_000_000_000n : record.timeNs;
    const offNs = entry.timeNs - sentNs;
    return { holds: offNs === 0n, seen: offNs === 0n ? 'the same' : `off by ${Number(offNs) / 1e6} ms` };
  },
}));

const ackRows: Row[] = (['message', 'packed'] as const).map((mode) => ({
  id: `ack-${mode}`,
  title: `acks a chunk that asks for it (${mode})`,
  must: true,
  ask: async (stand) => {
    using sender = await stand.connect();
    const chunk = Buffer.from(stand.marker('ack').padEnd(18)).toString('base64');
    const marker = stand.marker('acked');
    sender.write(encodeMessage('conformance', [recordOf(`line ${marker}`)], { mode, time: 'event-time', chunk }));
    await stand.arrival(marker);
    await waitUntil(() => sender.answers().length > 0, { withinMs: ACK_WITHIN_MS, everyMs: 20 });
    const [answer] = sender.answers() as { ack?: unknown }[];
    const holds = answer?.ack === chunk;
    return { holds, seen: holds ? 'acked' : answer === undefined ? 'no ack came' : 'another answer came' };
  },
}));

const ackUnasked: Row = {
  id: 'ack-unasked',
  title: 'sends nothing where no ack is asked for, and keeps the connection',
  must: false,
  ask: async (stand) => {
    using sender = await stand.connect();
    const markers = [stand.marker('unasked'), stand.marker('unasked')];
    for (const marker of markers) {
      sender.write(encodeMessage('conformance', [recordOf(marker)], { mode: 'message', time: 'integer' }));
      await stand.arrival(marker);
    }
    const isArrived = (await stand.arrival(markers[1]!)) !== undefined;
    const answers = sender.answers().length;
    return {
      holds: isArrived && answers === 0,
      seen: `${answers} answers, second message ${isArrived ? '' : 'not '}taken`,
    };
  },
};

const pieces = (id: string, texts: string[]): SentRecord[] =>
  texts.map((text, index) =>
    recordOf(text, {
      partial_message: 'true',
      partial_id: id.padEnd(64, '0'),
      partial_ordinal: String(index + 1),
      partial_last: index === texts.length - 1 ? 'true' : 'false',
    }),
  );

/** Two lines in two pieces each, from two containers that take turns when `mixed`. */
function partialRow(mixed: boolean): Row {
  return {
    id: mixed ? 'partials-mixed' : 'partials',
    title: mixed ? 'joins pieces of two containers that take turns' : 'joins the 16 KiB pieces of a long line',
    must: false,
    ask: async (stand) => {
      using sender = await stand.connect();
      const lines = ['a', 'b'].map((letter) => ({ letter, marker: stand.marker(`partial-${letter}`) }));
      const sent = lines.map(({ letter, marker }) =>
        pieces(`${letter}${Date.now()}`, [`${marker} ${letter.repeat(16_384)}`, `${letter}end-${marker}`]).map(
          (record) => ({
            ...record,
            fields: { ...record.fields, container_id: letter.repeat(64), container_name: `/${letter}` },
          }),
        ),
      );
      const order = mixed ? [sent[0]![0]!, sent[1]![0]!, sent[0]![1]!, sent[1]![1]!] : sent.flat();
      for (const record of order)
        sender.write(
          encodeMessage(record.fields.container_name!.slice(1), [record], { mode: 'message', time: 'event-time' }),
        );
      const arrived = await Promise.all(lines.map(({ marker }) => stand.arrival(`end-${marker}`)));
      const whole = lines.filter(({ letter, marker }, index) => {
        const text = arrived[index]?.text ?? '';
        return text.includes(`${marker} ${letter}`) && text.includes(`${letter.repeat(100)}${letter}end-${marker}`);
      }).length;
      return { holds: whole === 2, seen: `${whole} of 2 lines whole` };
    },
  };
}

/** Writes something odd, then a message: on the same connection, or on another. */
function oddRow(id: string, title: string, options: { bytes: Buffer; must: boolean; same: boolean }): Row {
  return {
    ...{ id, title, must: options.must },
    ask: async (stand) => {
      using odd = await stand.connect();
      using other = await stand.connect();
      odd.write(options.bytes);
      await waitUntil(() => odd.isClosed(), { withinMs: CLOSE_WITHIN_MS });
      const marker = stand.marker(id);
      const sender = options.same ? odd : other;
      sender.write(encodeMessage('conformance', [recordOf(`line ${marker}`)], { mode: 'message', time: 'integer' }));
      const isArrived = (await stand.arrival(marker)) !== undefined;
      const seen = `${isArrived ? 'the next message arrived' : 'the next message did not arrive'}${odd.isClosed() ? ', connection closed' : ''}`;
      return { holds: isArrived, seen };
    },
  };
}

const splitRow: Row = {
  id: 'split',
  title: 'a message that comes byte by byte, and many in one write',
  must: true,
  ask: async (stand) => {
    using slow = await stand.connect();
    using fast = await stand.connect();
    const encode = (marker: string): Buffer =>
      encodeMessage('conformance', [recordOf(`line ${marker}`)], { mode: 'message', time: 'event-time' });
    const single = stand.marker('split');
    for (const byte of encode(single)) {
      slow.write(Buffer.from([byte]));
      await new Promise((resolve) => setImmediate(resolve));
    }
    const many = Array.from({ length: 100 }, () => stand.marker('many'));
    fast.write(Buffer.concat(many.map(encode)));
    const arrived = await Promise.all([single, ...many].map((marker) => stand.arrival(marker)));
    const count = arrived.filter((entry) => entry !== undefined).length;
    return { holds: count === 101, seen: `${count} of 101 records arrived` };
  },
};

/** The rows that share one start of the agent; they are asked all at once. */
export const ROWS: readonly Row[] = [
  ...modeRows,
  ...timeRows,
  ...ackRows,
  ackUnasked,
  oddRow('heartbeat', 'takes the heartbeat nil and goes on', { bytes: Buffer.from([0xc0]), must: false, same: true }),
  splitRow,
  partialRow(false),
  partialRow(true),
  oddRow('not-an-array', 'ignores a value that is no array and goes on', {
    bytes: Buffer.from([0x2a]),
    must: false,
    same: true,
  }),
  oddRow('bad-record', 'goes on behind a message without a record', {
    bytes: Buffer.from([0x93, 0xa1, 0x78, 0x01, 0x02]),
    must: false,
    same: true,
  }),
  oddRow('malformed', 'bytes that are no msgpack hurt no other connection', {
    bytes: Buffer.alloc(64, 0xc1),
    must: true,
    same: false,
  }),
];
