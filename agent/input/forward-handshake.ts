// The server's side of the Forward handshake: who connects proves that it knows the shared key, and where users are set up
// also a password, before anything else is looked at.
//
//   S → C  HELO { nonce, auth, keepalive }
//   C → S  PING, hostname, salt, sha512(salt hostname nonce key), user, sha512(auth user password)
//   S → C  PONG, ok, reason, hostname, sha512(salt hostname nonce key)

import { createHash, timingSafeEqual } from 'node:crypto';
import { Decoder, encode } from '@msgpack/msgpack';

/** Who may connect. */
export interface HandshakeSettings {
  sharedKey: string;
  /** Name and password of each user; empty where the shared key is enough. */
  users: Readonly<Record<string, string>>;
  /** How this server calls itself; must differ from the client's name. */
  hostname: string;
}

/** A PING is some 400 bytes. */
export const PING_BYTES_MAX = 8192;

/** The handshake of one connection. */
export class Handshake {
  private readonly settings: HandshakeSettings;
  private readonly nonce: Uint8Array;
  private readonly auth: Uint8Array;

  /** @param randomBytes bytes that nobody can foresee. */
  constructor(settings: HandshakeSettings, randomBytes: (count: number) => Uint8Array) {
    this.settings = settings;
    this.nonce = randomBytes(16);
    this.auth = Object.keys(settings.users).length > 0 ? randomBytes(16) : new Uint8Array(0);
  }

  /** The first message of the server. */
  get helo(): Uint8Array {
    const auth = this.auth.length > 0 ? this.auth : '';
    return encode(['HELO', { nonce: this.nonce, auth, keepalive: true }]);
  }

  /** Judges the client's message, and gives the answer to it. */
  answer(bytes: Uint8Array): { ok: boolean; pong: Uint8Array } {
    const { hostname, sharedKey } = this.settings;
    const ping = readPing(bytes);
    const why = ping === undefined ? 'invalid ping message' : this.refusal(ping);
    if (ping === undefined || why !== '') return { ok: false, pong: encode(['PONG', false, why, '', '']) };
    const digest = sha512(ping.salt, hostname, this.nonce, sharedKey);
    return { ok: true, pong: encode(['PONG', true, '', hostname, digest]) };
  }

  private refusal({ client, salt, digest, user, userDigest }: Ping): string {
    const { sharedKey, users, hostname } = this.settings;
    if (!isEqual(sha512(salt, client, this.nonce, sharedKey), digest)) return 'shared_key mismatch';
    if (this.auth.length > 0) {
      const name = Buffer.from(user).toString('utf8');
      const password = Object.hasOwn(users, name) ? (users[name] as string) : '';
      const matches = isEqual(sha512(this.auth, user, password), userDigest);
      if (!matches || !Object.hasOwn(users, name)) return 'username/password mismatch';
    }
    return Buffer.from(client).toString('utf8') === hostname
      ? 'same hostname between input and output: invalid configuration'
      : '';
  }
}

interface Ping {
  client: Uint8Array;
  salt: Uint8Array;
  digest: Uint8Array;
  user: Uint8Array;
  userDigest: Uint8Array;
}

/** Salts are arbitrary bytes, in a str as often as in a bin: nothing is decoded as UTF-8. */
function readPing(bytes: Uint8Array): Ping | undefined {
  if (bytes.length > PING_BYTES_MAX) return undefined;
  let value: unknown;
  try {
    value = new Decoder({ rawStrings: true }).decode(bytes);
  } catch {
    return undefined;
  }
  if (!Array.isArray(value) || value.length !== 6 || !value.every((part) => part instanceof Uint8Array))
    return undefined;
  const [word, client, salt, digest, user, userDigest] = value as Uint8Array[];
  if (word === undefined || Buffer.from(word).toString('latin1') !== 'PING') return undefined;
  return { client, salt, digest, user, userDigest } as Ping;
}

function sha512(...parts: (string | Uint8Array)[]): string {
  const hash = createHash('sha512');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}

function isEqual(expected: string, got: Uint8Array): boolean {
  return got.length === expected.length && timingSafeEqual(Buffer.from(expected), got);
}
