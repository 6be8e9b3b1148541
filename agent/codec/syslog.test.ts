import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SyslogMessage } from './syslog.ts';
import { readRfc3339 } from './timestamps.ts';

const WALL_MS = new Date(2026, 10, 24, 22, 0, 0).getTime();

function read(text: string | Uint8Array) {
  const bytes = Buffer.concat([Buffer.from('<1>1'), Buffer.from(text as string), Buffer.from(' : ]x')]);
  const message = new SyslogMessage();
  message.read(bytes, 4, bytes.length - 5, WALL_MS);
  const part = (start: number, end: number) => (start < 0 ? undefined : bytes.subarray(start, end).toString());
  return {
    severity: message.severity,
    facility: message.facility,
    at: message.seconds > 0 ? message.seconds + message.nanos / 1e9 : undefined,
    host: part(message.hostStart, message.hostEnd),
    app: part(message.appStart, message.appEnd),
    text: part(message.textStart, message.textEnd),
  };
}

const local = (month: number, day: number, year = 2026) => new Date(year, month - 1, day, 22, 1, 2).getTime() / 1000;

test.each([
  [
    '<165>1 2026-11-24T22:01:02.003Z host.example app 1234 ID47 [a@1 k="v\\"]" x="y"][b@1] \ufeffhello',
    { severity: 5, facility: 20, at: 1_795_557_662.003, host: 'host.example', app: 'app', text: 'hello' },
  ],
  ['<34>1 - - - - - -', { severity: 2, facility: 4, at: undefined, host: undefined, app: undefined, text: '' }],
  [
    '<34>1 - - su - ID - it works',
    { severity: 2, facility: 4, at: undefined, host: undefined, app: 'su', text: 'it works' },
  ],
  [
    '<34>Nov 24 22:01:02 host su[99]: it failed',
    { severity: 2, facility: 4, at: local(11, 24), host: 'host', app: 'su', text: 'it failed' },
  ],
  [
    '<13>Nov  4 22:01:02 me: no host',
    { severity: 5, facility: 1, at: local(11, 4), host: undefined, app: 'me', text: 'no host' },
  ],
  [
    '<13>Dec 31 22:01:02 h a: last year',
    { severity: 5, facility: 1, at: local(12, 31, 2025), host: 'h', app: 'a', text: 'last year' },
  ],
  [
    '<30>2026-11-24T23:01:02+01:00 docker 8f3a2b/web[77]: GET /',
    { severity: 6, facility: 3, at: 1_795_557_662, host: 'docker', app: '8f3a2b/web', text: 'GET /' },
  ],
  ['just text', { severity: 5, facility: 1, at: undefined, host: undefined, app: undefined, text: 'just text' }],
  ['<999>x', { severity: 5, facility: 1, at: undefined, host: undefined, app: undefined, text: '<999>x' }],
])('%s', (text, expected) => {
  expect(read(text)).toEqual(expected);
});

test('any bytes at all are read, and the text never leaves the message', () => {
  const char = fc.oneof(fc.constantFrom(...'<>1 23-:[]"\\TZ.+NovDec 4'), fc.string({ minLength: 1, maxLength: 1 }));
  fc.assert(
    fc.property(fc.array(char, { maxLength: 80 }), (chars) => {
      const text = chars.join('');
      const message = new SyslogMessage();
      const bytes = Buffer.from(text);
      message.read(bytes, 0, bytes.length, WALL_MS);
      expect(message.textStart).toBeLessThanOrEqual(message.textEnd);
      expect(message.textEnd).toBe(bytes.length);
      for (const end of [message.hostEnd, message.appEnd]) expect(end).toBeLessThanOrEqual(bytes.length);
    }),
    { numRuns: 3000 },
  );
});

test('RFC 3339 times are read as Date reads them, to the nanosecond', () => {
  const moment = fc.date({ min: new Date('1971-01-01'), max: new Date('2099-01-01'), noInvalidDate: true });
  fc.assert(
    fc.property(
      moment,
      fc.nat(999_999_999),
      fc.constantFrom('Z', '+00:00', '-07:30', '+14:00'),
      (date, nanos, zone) => {
        const text = `${date.toISOString().slice(0, 19)}.${String(nanos).padStart(9, '0')}${zone}`;
        const bytes = Buffer.from(`##${text}##`);
        const time = { seconds: 0, nanos: 0, end: 0 };
        expect(readRfc3339(bytes, 2, bytes.length - 2, time)).toBe(true);
        expect(time).toEqual({
          seconds: Date.parse(`${text.slice(0, 19)}${zone}`) / 1000,
          nanos,
          end: bytes.length - 2,
        });
      },
    ),
  );
});
