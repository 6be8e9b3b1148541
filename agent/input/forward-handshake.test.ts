import { createHash } from 'node:crypto';
import { decode, encode } from '@msgpack/msgpack';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Handshake } from './forward-handshake.ts';

const SALT = '0123456789abcdef';
const D1 =
  '0c8d954f84c00c682a663a85704dd12487aafb43ec241ede40db019d8c29644d930abd30aa40a2365bac96262792c645edfd2506d5c1fa2b5d6db09ffbfc3a7b';
const D2 =
  '1da74f4f549cf88aca7363d078fd1503be2d844c527ef91f89e1842d1bb80d2f0e18817515d9e21e76083d4c9a4d71684b625402de3c6000ff6af4ec55e7ca61';
const D3 =
  '54130e1163fac6cb363c3d623211f1a2ed82987667e42cccc1e18307712fddedab20cab3ad7beb8be57bac346c5e836b96b93240b3d66fd35ff3b5b9ca38559f';

/** Nonce and auth salt of the golden vectors, in the order in which they are asked for. */
function make(users: Record<string, string> = {}, hostname = 'server.local') {
  const random = ['nonce-nonce-nonc', 'auth-salt-auth-s'].map((text) => Buffer.from(text));
  return new Handshake({ sharedKey: 'secret', users, hostname }, () => random.shift() as Buffer);
}

const ping = (
  parts: Partial<Record<'client' | 'digest' | 'user' | 'userDigest', unknown>> = {},
  salt: unknown = SALT,
) =>
  encode(['PING', parts.client ?? 'client.local', salt, parts.digest ?? D1, parts.user ?? '', parts.userDigest ?? '']);
const pong = (handshake: Handshake, bytes: Uint8Array) => decode(handshake.answer(bytes).pong);

test('HELO is the golden one', () => {
  expect(Buffer.from(make().helo).toString('hex')).toBe(
    '92a448454c4f83a56e6f6e6365c4106e6f6e63652d6e6f6e63652d6e6f6e63a461757468a0a96b656570616c697665c3',
  );
});

test('who knows the shared key is let in, and is shown that the server knows it too', () => {
  expect(pong(make(), ping())).toEqual(['PONG', true, '', 'server.local', D3]);
  expect(pong(make(), ping({}, Buffer.from(SALT)))).toEqual(['PONG', true, '', 'server.local', D3]);
});

test('with users, the password counts too', () => {
  const users = { alice: 'pa55' };
  expect(pong(make(users), ping({ user: 'alice', userDigest: D2 }))).toEqual(['PONG', true, '', 'server.local', D3]);
  for (const wrong of [{ user: 'bob', userDigest: D2 }, { user: 'alice', userDigest: D1 }, {}, { user: '__proto__' }])
    expect(pong(make(users), ping(wrong))).toEqual(['PONG', false, 'username/password mismatch', '', '']);
  const emptyPassword = createHash('sha512').update('auth-salt-auth-s').update('bob').digest('hex');
  expect(make(users).answer(ping({ user: 'bob', userDigest: emptyPassword })).ok).toBe(false);
});

test('a wrong key, a client of the same name, and what is no PING are refused with the reasons of Fluentd', () => {
  expect(pong(make(), ping({ digest: D2 }))).toEqual(['PONG', false, 'shared_key mismatch', '', '']);
  expect(pong(make(), ping({ client: 'other' }))).toEqual(['PONG', false, 'shared_key mismatch', '', '']);
  expect(pong(make({}, 'client.local'), ping())).toEqual([
    'PONG',
    false,
    'same hostname between input and output: invalid configuration',
    '',
    '',
  ]);
  for (const bytes of [encode(['tag', 1, {}]), encode(null), encode(['PING', 'a', 'b']), new Uint8Array([0xc1])])
    expect(pong(make(), bytes)).toEqual(['PONG', false, 'invalid ping message', '', '']);
});

test('no bytes at all get in or throw', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 300 }),
        fc.array(fc.anything(), { maxLength: 8 }).map((parts) => safe(parts)),
      ),
      (bytes) => {
        expect(make({ alice: 'x' }).answer(bytes).ok).toBe(false);
      },
    ),
  );
});

function safe(value: unknown): Uint8Array {
  try {
    return encode(value);
  } catch {
    return new Uint8Array(0);
  }
}
