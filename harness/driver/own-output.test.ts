import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBackslashCounter } from './backslashes.ts';
import { describeInterval } from './flow-events.ts';
import { createLineMessage } from './log-message.ts';
import { createOwnOutput } from './own-output.ts';
import { createTally } from './tally.ts';

describe('the backslash counter', () => {
  it('finds the longest run of a line, however the line is cut into pieces', () => {
    const text = fc.array(fc.constantFrom('\\', '\\\\\\', 'a', '"'), { maxLength: 60 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, fc.array(fc.nat(20), { minLength: 1, maxLength: 8 }), (line, sizes) => {
        const counter = createBackslashCounter();
        const bytes = Buffer.from(line);
        let longest = 0;
        for (let at = 0, cut = 0; at < bytes.length; cut++) {
          const end = Math.min(bytes.length, at + sizes[cut % sizes.length]! + 1);
          longest = Math.max(longest, counter.count(bytes, { start: at, end, continued: at > 0 }));
          at = end;
        }
        expect(longest).toBe(Math.max(0, ...(line.match(/\\+/g) ?? []).map((run) => run.length)));
      }),
    );
  });

  it('does not join runs of two lines', () => {
    const counter = createBackslashCounter();
    expect(counter.count(Buffer.from('a\\\\'), { start: 0, end: 3, continued: false })).toBe(2);
    expect(counter.count(Buffer.from('\\b'), { start: 0, end: 2, continued: false })).toBe(1);
  });
});

describe("the events of the agent's own output", () => {
  const clock = { nowNs: () => 0, wallMs: () => 0 };
  const bytes = Buffer.from('warn: failed lrs1-abcdef-web-1-0-00000000');

  it('tell at stdout what came out, and at reentered what its driver sent back', () => {
    const output = createOwnOutput();
    const tally = createTally({ clock, lines: null, recordReads: false });
    const message = {
      ...createLineMessage(0),
      bytes,
      end: bytes.length,
      lineBytes: bytes.length,
      ids: 1,
      backslashRun: 3,
    };
    tally.read(bytes.length + 1, 1);
    output.observe(message);
    tally.sent(message);
    const events = describeInterval('@agent', tally.takeInterval(), { output, reenters: true });
    expect(events.map(({ kind, hop, app, data }) => ({ kind, hop, app, data }))).toEqual([
      {
        ...{ kind: 'agent-own', hop: 'agent', app: undefined },
        data: { point: 'stdout', bytes: 42, lines: 1, ids: 1, backslashRunMax: 3, sample: bytes.toString() },
      },
      {
        ...{ kind: 'agent-own', hop: 'agent', app: undefined },
        data: { point: 'reentered', bytes: 41, lines: 1, ids: 1, backslashRunMax: 3 },
      },
    ]);
    expect(describeInterval('@agent', tally.takeInterval(), { output, reenters: true })).toEqual([]);
  });

  it('tell nothing of reentering where a file keeps it', () => {
    const output = createOwnOutput();
    const tally = createTally({ clock, lines: null, recordReads: false });
    tally.read(10, 1);
    tally.sent({ ...createLineMessage(0), lineBytes: 9 });
    const events = describeInterval('@agent', tally.takeInterval(), { output, reenters: false });
    expect(events.map(({ data }) => data!.point)).toEqual(['stdout']);
  });

  it('are flow and drops, by reason, for an app', () => {
    const tally = createTally({ clock, lines: null, recordReads: false });
    const message = { ...createLineMessage(0), lineBytes: 9 };
    tally.read(30, 3);
    tally.sent(message);
    tally.dropped(message, 'queue-full', 'fluent#appendBuffer: Buffer full, limit 1');
    tally.dropped(message, 'ring-full', '');
    const events = describeInterval('web', tally.takeInterval(), null);
    expect(events.map(({ kind, app, data }) => [kind, app, data])).toEqual([
      ['driver-read', 'web', { lines: 3, bytes: 30 }],
      ['driver-sent', 'web', { lines: 1, bytes: 9 }],
      [
        'driver-dropped',
        'web',
        { reason: 'queue-full', lines: 1, bytes: 9, text: 'fluent#appendBuffer: Buffer full, limit 1', reports: 1 },
      ],
      ['driver-dropped', 'web', { reason: 'ring-full', lines: 1, bytes: 9, text: '', reports: 0 }],
    ]);
  });
});
