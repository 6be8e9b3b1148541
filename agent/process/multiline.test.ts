import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compilePattern, type Pattern } from '../codec/pattern.ts';
import type { LineTarget } from '../model.ts';
import { Multiline, type MultilineSettings } from './multiline.ts';

const start = compilePattern('^>') as Pattern;
const settings: MultilineSettings = { start, sizeMax: 1000, linesMax: 100, timeoutMs: 500 };
const targets = ['a', 'b'].map((labels) => ({ labels }) as LineTarget);

function make() {
  const events: { labels: string; text: string; seconds: number }[] = [];
  const multiline = new Multiline(({ target, bytes, length, seconds }) => {
    events.push({ labels: target.labels, text: Buffer.from(bytes.subarray(0, length)).toString(), seconds });
  });
  let seconds = 0;
  const take = (which: number, text: string, nowMs = 0, rule = settings) => {
    const bytes = Buffer.from(`#${text}#`);
    const target = targets[which] as LineTarget;
    multiline.take(rule, { target, bytes, start: 1, length: bytes.length - 2, seconds: ++seconds, nanos: 0, nowMs });
  };
  return { multiline, events, take };
}

test('an event ends where the next one of its stream begins, and has the time of its first line', () => {
  const { events, take, multiline } = make();
  take(0, '>one');
  take(1, '>other');
  take(0, ' at x');
  take(0, ' at y');
  take(0, '>two');
  expect(events).toEqual([{ labels: 'a', text: '>one\n at x\n at y', seconds: 1 }]);
  multiline.flush(Number.POSITIVE_INFINITY);
  expect(events.map(({ text }) => text)).toEqual(['>one\n at x\n at y', '>other', '>two']);
  expect(multiline.openCount + multiline.openBytes).toBe(0);
});

test('an event is passed on when nothing has come for a while', () => {
  const { events, take, multiline } = make();
  take(0, '>one', 0);
  take(0, ' at x', 300);
  expect(multiline.nextDeadlineMs).toBe(800);
  multiline.flush(799);
  expect(events).toEqual([]);
  multiline.flush(800);
  expect(events.map(({ text }) => text)).toEqual(['>one\n at x']);
});

test('whatever comes, every line comes out once and in order, no event is larger than allowed, and memory is given back', () => {
  const line = fc.record({ which: fc.nat(1), text: fc.stringMatching(/^>?[a-z]{0,30}$/) });
  const rule = { ...settings, sizeMax: 64, linesMax: 4 };
  fc.assert(
    fc.property(fc.array(line, { maxLength: 60 }), (lines) => {
      const { events, take, multiline } = make();
      for (const { which, text } of lines) take(which, text, 0, rule);
      multiline.flush(Number.POSITIVE_INFINITY);
      for (const [i, { labels }] of targets.entries()) {
        const out = events.filter((event) => event.labels === labels).flatMap(({ text }) => text.split('\n'));
        expect(out).toEqual(lines.filter(({ which }) => which === i).map(({ text }) => text));
      }
      for (const { text } of events) {
        expect(text.length).toBeLessThanOrEqual(64);
        expect(text.split('\n').length).toBeLessThanOrEqual(4);
        expect(text.indexOf('>', 1) > 0 && text[text.indexOf('>', 1) - 1] === '\n').toBe(false);
      }
      expect(multiline.openBytes).toBe(0);
    }),
  );
});
