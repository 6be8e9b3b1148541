import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ScrubAction, Scrubber, type ScrubKind } from './scrub.ts';

const NONE: Record<ScrubKind, ScrubAction> = {
  ipv4: 'keep',
  ipv6: 'keep',
  email: 'keep',
  login: 'keep',
  query: 'keep',
  authorization: 'keep',
};
const MASK: Record<ScrubKind, ScrubAction> = {
  ipv4: 'mask',
  ipv6: 'mask',
  email: 'mask',
  login: 'mask',
  query: 'mask',
  authorization: 'mask',
};

function make(actions: Partial<Record<ScrubKind, ScrubAction>>, nowMs = () => 0): Scrubber {
  const settings = { actions: { ...NONE, ...actions }, loginKeys: ['kunde'], authorizationKeys: [], rotateMs: 1000 };
  return new Scrubber(settings, { nowMs, randomBytes });
}

/** Scrubs a text that lies in the middle of other bytes, which must not change. */
function scrub(scrubber: Scrubber, text: string | Uint8Array): string {
  const line = Buffer.from(text as string);
  const memory = Buffer.concat([Buffer.from('1.2.3.'), line, Buffer.from('.4:a@b.cd')]);
  const length = scrubber.scrub(memory, 6, line.length);
  const result = Buffer.from(scrubber.bytes.subarray(scrubber.start, scrubber.start + length)).toString('utf8');
  expect(memory.subarray(0, 6).toString()).toBe('1.2.3.');
  expect(memory.subarray(6 + line.length).toString()).toBe('.4:a@b.cd');
  return result;
}

test.each([
  ['GET from 203.0.113.7 ok', 'GET from [ipv4] ok'],
  ['"ClientAddr":"203.0.113.7:5432"', '"ClientAddr":"[ipv4]:5432"'],
  ['tcpdump 10.0.0.1.443 >', 'tcpdump [ipv4].443 >'],
  ['json\\n192.168.1.1\\t', 'json\\n[ipv4]\\t'],
  ['Chrome/120.0.0.0 Safari/537.36 Edg/120.0.2210.91', 'Chrome/120.0.0.0 Safari/537.36 Edg/120.0.2210.91'],
  ['1.2.3 256.1.1.1 1..2.3.4 0.0.0.0', '1.2.3 256.1.1.1 1..2.3.4 0.0.0.0'],
])('IPv4 addresses are found, versions are not: %s', (line, expected) => {
  expect(scrub(make({ ipv4: 'mask' }), line)).toBe(expected);
});

test.each([
  ['from 2001:db8::1, again', 'from [ipv6], again'],
  ['[2001:DB8:0:1:2:3:4:5]:443', '[[ipv6]]:443'],
  ['::1 and ::ffff:10.0.0.1.', '[ipv6] and [ipv6].'],
  ['"2001:db8::"', '"[ipv6]"'],
  ['fe80::1%eth0', '[ipv6]%eth0'],
  ['json\\n::1\\nfe80::2', 'json\\n[ipv6]\\n[ipv6]'],
  ['12:34:56 std::vector :: a:b 00:1a:2b:3c:4d:5e', '12:34:56 std::vector :: a:b 00:1a:2b:3c:4d:5e'],
  ['{"a":1,"b":"c","d":{"e":5}}', '{"a":1,"b":"c","d":{"e":5}}'],
])('IPv6 addresses are found, times and names are not: %s', (line, expected) => {
  expect(scrub(make({ ipv6: 'mask' }), line)).toBe(expected);
});

test('addresses are cut to /24 and /48', () => {
  const scrubber = make({ ipv4: 'truncate', ipv6: 'truncate' });
  expect(scrub(scrubber, '203.0.113.77 1.2.3.4')).toBe('203.0.113.0 1.2.3.0');
  expect(scrub(scrubber, '2001:db8:1:2::3 2001:db8::1 fe80::1 ::1 1:2:3:4:5:6:7:8 ::ffff:10.1.2.3')).toBe(
    '2001:db8:1:: 2001:db8:: fe80:: :: 1:2:3:: ::ffff:10.1.2.0',
  );
  expect(scrubber.found).toBe(8);
});

test.each([
  ['mail bob@example.org, thanks', 'mail [email], thanks'],
  ['<Bob.O-N+x@sub.example.co.uk>.', '<[email]>.'],
  ['ümläut@exämple.org', '[email]'],
  ['@bob a@b x@y. user@localhost', '@bob a@b x@y. user@localhost'],
  ['mongodb://alice:pa55@db:27017/x', 'mongodb://[login]@db:27017/x'],
  ['GET /watch?v=1\\u0026list=2 HTTP', 'GET /watch?[query] HTTP'],
  ['"RequestPath":"/a?token=x","b":1', '"RequestPath":"/a?[query]","b":1'],
  ['what? no ?x', 'what? no ?x'],
  ['"ClientUsername":"alice","x":1', '"ClientUsername":"[login]","x":1'],
  ['"ClientUsername":"-","x":1', '"ClientUsername":"-","x":1'],
  ['user=alice status=200', 'user=[login] status=200'],
  ['login: bob failed', 'login: [login] failed'],
  ['{"kunde":4711,"user":null,"user":{"a":1}}', '{"kunde":"[login]","user":null,"user":{"a":1}}'],
  ['"msg":"{\\"user\\":\\"bob\\",\\"n\\":1}"', '"msg":"{\\"user\\":\\"[login]\\",\\"n\\":1}"'],
  ['"superuser":"yes"', '"superuser":"yes"'],
  ['"user":"a\\"b","c":1', '"user":"[login]","c":1'],
  ['Authorization: Bearer abc.def status=1', 'Authorization: [authorization] status=1'],
  ['"request_Authorization":"Basic YTpi","x":1', '"request_Authorization":"[authorization]","x":1'],
  ['Cookie: a=b; c=d', 'Cookie: [authorization]'],
  ['Authorization: Digest username="x", nonce="y"', 'Authorization: [authorization]"x", nonce="y"'],
  ['password=hunter2&x=1', 'password=[authorization]&x=1'],
])('other personal data is found: %s', (line, expected) => {
  expect(scrub(make(MASK), line)).toBe(expected);
});

test('a hash is the same while its salt lasts, and another afterwards', () => {
  let now = 0;
  const scrubber = make({ ipv4: 'hash', ipv6: 'hash', email: 'hash' }, () => now);
  const first = scrub(scrubber, '1.2.3.4 and 1.2.3.5 and 1.2.3.4');
  const [a, b, c] = first.split(' and ');
  expect(a).toMatch(/^ipv4-[0-9a-f]{12}$/);
  expect(b).not.toBe(a);
  expect(c).toBe(a);
  expect(scrub(scrubber, '1.2.3.4')).toBe(a);
  now = 1000;
  expect(scrub(scrubber, '1.2.3.4')).not.toBe(a);
});

const filler = fc.stringMatching(/^[a-z ,;"{}<>[\]()\n]{0,40}$/);
const ip4 = fc
  .tuple(fc.ipV4())
  .map(([ip]) => ip)
  .filter((ip) => !/^\d+\.0\.0\.0$/.test(ip));

test('whatever stands between addresses stays as it is, whatever the mix and the growth', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          text: filler,
          ip: fc.oneof(
            ip4,
            fc.ipV6().filter((ip) => ip !== '::' && !ip.includes('.')),
          ),
        }),
        { maxLength: 8 },
      ),
      fc.constantFrom('mask', 'hash') as fc.Arbitrary<ScrubAction>,
      (pieces, action) => {
        const scrubber = make({ ipv4: action, ipv6: action });
        const line = pieces.map(({ text, ip }) => `${text} ${ip} `).join('');
        const result = scrub(scrubber, line);
        const replaced = result.replace(/\[ipv[46]\]|ipv[46]-[0-9a-f]{12}/g, '#');
        expect(replaced).toBe(pieces.map(({ text }) => `${text} # `).join(''));
      },
    ),
    { numRuns: 500 },
  );
});

test('any bytes at all are taken, and nothing outside of the line is touched', () => {
  const char = fc.oneof(
    fc.constantFrom(...'.:@?=1a0f"\\/ ,{u'),
    fc.integer({ min: 0, max: 255 }).map((byte) => String.fromCharCode(byte)),
  );
  fc.assert(
    fc.property(
      fc.array(char, { maxLength: 200 }),
      fc.constantFrom('mask', 'hash', 'truncate') as fc.Arbitrary<ScrubAction>,
      (chars, ip) => {
        const actions = { ...MASK, ipv4: ip, ipv6: ip, ...(ip === 'hash' ? { email: ip, login: ip, query: ip } : {}) };
        scrub(make(actions), Buffer.from(chars.join(''), 'latin1'));
      },
    ),
    { numRuns: 2000 },
  );
});

test('nothing to find means the same bytes in the same place', () => {
  const line = Buffer.from('{"level":"info","msg":"all is well at 12:34"}');
  const scrubber = make(MASK);
  expect(scrubber.scrub(line, 0, line.length)).toBe(line.length);
  expect(scrubber.bytes).toBe(line);
});
