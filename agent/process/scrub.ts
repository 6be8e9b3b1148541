// Privacy scrubbing, in one place: personal data is taken out of a line before anything else looks at it. One pass over the
// bytes stops only at bytes that may mean something (`.` in an address, `@`, `?`, `:`, `=`); a match is looked for around
// them. What is shorter or equal is written into the line's own memory, so that most lines are never copied.
//
//   203.0.113.7   keep │ mask [ipv4] │ hash ipv4-5b1f0c2a9d33 │ truncate 203.0.113.0

import { AddressMatch, isDigit, isHex, matchIpv4, matchIpv6, networkOfIpv6 } from './addresses.ts';
import { Pseudonyms } from './pseudonym.ts';
import { matchEmail, matchQuery, matchUserInfo, matchValue, TellingKeys, type ValueSpan } from './secrets.ts';

/** What to do with what was found; only addresses can be truncated. */
export type ScrubAction = 'keep' | 'mask' | 'hash' | 'truncate';

/** Kinds of personal data. */
export type ScrubKind = 'ipv4' | 'ipv6' | 'email' | 'login' | 'query' | 'authorization';

/** Settings of the scrubber. */
export interface ScrubSettings {
  actions: Readonly<Record<ScrubKind, ScrubAction>>;
  /** Keys whose values are logins, besides the usual ones. */
  loginKeys: readonly string[];
  /** Keys whose values authorize, besides the usual ones. */
  authorizationKeys: readonly string[];
  /** How long a value keeps its hash. */
  rotateMs: number;
}

const LOGIN_KEYS = ['user', 'username', 'user_name', 'login', 'clientusername', 'remote_user', 'remoteuser', 'account'];
const AUTHORIZATION_KEYS = [
  ...['authorization', 'password', 'passwd', 'secret', 'token', 'api_key', 'apikey', 'x-api-key'],
  ...['access_token', 'refresh_token', 'id_token', 'session', 'sessionid', 'session_id'],
];

/** What a byte may be good for; from TRIGGER on it stops the pass. A colon is also what may follow a colon. */
const DECIMAL = 1;
const HEXADECIMAL = 2;
const TRIGGER = 4;
const DOT_TRIGGER = 4;
const COLON_TRIGGER = 8;
const OTHER_TRIGGER = 16;

const DOT = 0x2e;
const COLON = 0x3a;
const EQUALS = 0x3d;
const QUESTION = 0x3f;
const AT = 0x40;

/** What a key tells: a login, credentials, or a cookie, whose value goes on behind its semicolons. */
type KeyKind = 'login' | 'authorization' | 'cookie';

/** See the file's comment. */
export class Scrubber {
  /** Where the scrubbed line is after `scrub`. */
  bytes: Uint8Array = new Uint8Array(0);
  /** Its first byte. */
  start = 0;
  /** Things found so far. */
  found = 0;
  private readonly actions: Readonly<Record<ScrubKind, ScrubAction>>;
  private readonly uses = new Uint8Array(256);
  private readonly stopsAtColon: boolean;
  private readonly stopsAtOthers: boolean;
  private readonly keys = new TellingKeys<KeyKind>();
  private readonly hasKeys: boolean;
  private readonly pseudonyms: Pseudonyms;
  private readonly match = new AddressMatch();
  private readonly span: ValueSpan = { start: 0, end: 0, bare: false };
  private readonly range = { from: 0, end: 0 };
  private viewed: Uint8Array = new Uint8Array(0);
  private view: DataView = new DataView(this.viewed.buffer);
  private own = new Uint8Array(4096);
  private source: Uint8Array = this.own;
  /** Bytes of the source up to here are written. */
  private done = 0;
  private write = 0;

  constructor(settings: ScrubSettings, ports: { nowMs(): number; randomBytes(count: number): Uint8Array }) {
    const { actions } = settings;
    this.actions = actions;
    this.pseudonyms = new Pseudonyms({ rotateMs: settings.rotateMs, ...ports });
    if (actions.login !== 'keep') for (const key of [...LOGIN_KEYS, ...settings.loginKeys]) this.keys.add(key, 'login');
    if (actions.authorization !== 'keep')
      for (const key of [...AUTHORIZATION_KEYS, ...settings.authorizationKeys]) this.keys.add(key, 'authorization');
    if (actions.authorization !== 'keep') this.keys.add('cookie', 'cookie');
    this.hasKeys = actions.login !== 'keep' || actions.authorization !== 'keep';
    for (let byte = 0; byte < 256; byte++)
      this.uses[byte] = isDigit(byte) ? HEXADECIMAL | DECIMAL : isHex(byte) ? HEXADECIMAL : 0;
    if (actions.ipv4 !== 'keep') this.uses[DOT] = DOT_TRIGGER;
    if (actions.ipv6 !== 'keep' || this.hasKeys) this.uses[COLON] = this.hasKeys ? OTHER_TRIGGER : COLON_TRIGGER;
    if (this.hasKeys) this.uses[EQUALS] = OTHER_TRIGGER;
    if (actions.query !== 'keep') this.uses[QUESTION] = OTHER_TRIGGER;
    if (actions.email !== 'keep' || actions.login !== 'keep') this.uses[AT] = OTHER_TRIGGER;
    this.stopsAtColon = actions.ipv6 !== 'keep';
    this.stopsAtOthers = [COLON, EQUALS, QUESTION, AT].some((byte) => this.uses[byte] === OTHER_TRIGGER);
  }

  /** Scrubs a line, perhaps in its own memory; returns its new length. Where it is now is in `bytes` and `start`. */
  scrub(bytes: Uint8Array, start: number, length: number): number {
    const end = start + length;
    this.bytes = this.source = bytes;
    this.start = this.done = this.write = start;
    if (this.viewed !== bytes) {
      this.viewed = bytes;
      this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    this.pass(start, end);
    if (this.done === start && this.bytes === bytes) return length;
    this.copy(end);
    return this.write - this.start;
  }

  /** Goes over the line, four bytes at a time where none of them is a trigger. */
  private pass(start: number, end: number): void {
    const { uses, view, source, stopsAtColon, stopsAtOthers } = this;
    const lastWord = end - 4;
    for (let at = start; at < end; ) {
      let until = at + 4;
      if (at <= lastWord) {
        const word = view.getInt32(at, true);
        const dots = word ^ 0x2e2e2e2e;
        let hit = (dots - 0x01010101) & ~dots;
        if (stopsAtOthers) {
          // Bytes from 0x3a to 0x40, `:` `=` `?` `@` and three more: a sum and a difference each set the high bit.
          const low = word & 0x7f7f7f7f;
          hit |= ((0xc0c0c0c0 | 0) - low) & (low + 0x46464646) & ~word;
        } else if (stopsAtColon) {
          const colons = word ^ 0x3a3a3a3a;
          hit |= (colons - 0x01010101) & ~colons;
        }
        if ((hit & 0x80808080) === 0) {
          at = until;
          continue;
        }
      } else until = end;
      while (at < until) {
        const use = uses[source[at] as number] as number;
        at = use >= TRIGGER && this.mayMean(use, at) ? this.look(at, end) : at + 1;
      }
    }
  }

  /** Nearly all dots and colons are told off by their neighbours. */
  private mayMean(use: number, at: number): boolean {
    const { uses, source } = this;
    if (use === OTHER_TRIGGER) return true;
    const before = uses[source[at - 1] as number] as number;
    const after = uses[source[at + 1] as number] as number;
    if (use === DOT_TRIGGER) return (before & after & DECIMAL) !== 0;
    return after === COLON_TRIGGER || (before & after & HEXADECIMAL) !== 0;
  }

  /** Looks around the trigger at `at`; returns where to go on. */
  private look(at: number, end: number): number {
    const { source, range, match, span, actions } = this;
    range.from = this.done;
    range.end = end;
    match.end = 0;
    const byte = source[at];
    if (byte === DOT) return matchIpv4(source, at, range, match) ? this.replaceAddress('ipv4') : at + 1;
    if (byte === COLON) {
      const next = source[at + 1];
      const isHexBefore = isHex(source[at - 1]);
      if (
        actions.ipv6 !== 'keep' &&
        (isHexBefore ? next === COLON || isHex(next) : next === COLON && isHex(source[at + 2])) &&
        matchIpv6(source, at, range, match)
      )
        return this.replaceAddress('ipv6');
      // Where there are no keys to look for, the rest of a time such as 12:34:56 need not be looked at again.
      return this.hasKeys ? this.lookAtKey(at) : Math.max(at + 1, match.end);
    }
    if (byte === EQUALS) return this.lookAtKey(at);
    if (byte === QUESTION) return matchQuery(source, at, range, span) ? this.replaceSpan('query') : at + 1;
    if (actions.login !== 'keep' && matchUserInfo(source, at, range, span)) return this.replaceSpan('login');
    return actions.email !== 'keep' && matchEmail(source, at, range, span) ? this.replaceSpan('email') : at + 1;
  }

  private lookAtKey(at: number): number {
    if (!this.hasKeys) return at + 1;
    const kind = this.keys.kindBefore(this.source, at, this.done);
    if (kind === undefined) return at + 1;
    const { from, end } = this.range;
    const bare = kind === 'login' ? 'word' : kind === 'cookie' ? 'rest' : 'credentials';
    if (!matchValue(this.source, at, { from, end, bare }, this.span)) return at + 1;
    return this.replaceSpan(kind === 'cookie' ? 'authorization' : kind);
  }

  private replaceAddress(kind: 'ipv4' | 'ipv6'): number {
    const { match } = this;
    const { start, end } = match;
    this.span.bare = false;
    if (this.actions[kind] !== 'truncate') return this.replace(kind, start, end, undefined);
    // An IPv4 address needs no text of its own: all but its last number stays where it is.
    if (match.lastStart < 0) return this.replace(kind, start, end, networkOfIpv6(match));
    return this.replace(kind, match.lastStart, end, ZERO);
  }

  private replaceSpan(kind: ScrubKind): number {
    if (kind !== 'login' && kind !== 'authorization') this.span.bare = false;
    return this.replace(kind, this.span.start, this.span.end, undefined);
  }

  private replace(kind: ScrubKind, start: number, end: number, network: Uint8Array | undefined): number {
    this.found++;
    const text =
      network ?? (this.actions[kind] === 'hash' ? this.pseudonyms.of(kind, this.source, start, end) : MASKS[kind]);
    const quotes = this.span.bare ? 1 : 0;
    this.copy(start);
    this.reserve(text.length + 2 * quotes, end);
    if (quotes > 0) this.bytes[this.write++] = 0x22;
    for (let i = 0; i < text.length; i++) this.bytes[this.write + i] = text[i] as number;
    this.write += text.length;
    if (quotes > 0) this.bytes[this.write++] = 0x22;
    this.done = end;
    return end;
  }

  /** Copies what was not looked for, up to `to`. */
  private copy(to: number): void {
    const length = to - this.done;
    if (this.bytes === this.source) {
      if (this.write !== this.done) this.bytes.copyWithin(this.write, this.done, to);
    } else {
      this.reserve(length, to);
      this.bytes.set(this.source.subarray(this.done, to), this.write);
    }
    this.write += length;
    this.done = to;
  }

  /** Makes room for `length` bytes; a text that would run over what is still to be read moves the line to memory of ours. */
  private reserve(length: number, readEnd: number): void {
    const inPlace = this.bytes === this.source;
    if (inPlace && this.write + length <= readEnd) return;
    const have = this.write - this.start;
    if (!inPlace && this.write + length <= this.own.length) return;
    const written = this.bytes.subarray(this.start, this.write);
    const need = have + length + (this.range.end - this.done);
    if (this.own.length < need || !inPlace) {
      const larger = new Uint8Array(Math.max(2 * need, this.own.length));
      larger.set(written);
      this.own = larger;
    } else this.own.set(written);
    this.bytes = this.own;
    this.start = 0;
    this.write = have;
  }
}

const ZERO = Buffer.from('0');
const MASKS: Readonly<Record<ScrubKind, Uint8Array>> = {
  ipv4: Buffer.from('[ipv4]'),
  ipv6: Buffer.from('[ipv6]'),
  email: Buffer.from('[email]'),
  login: Buffer.from('[login]'),
  query: Buffer.from('[query]'),
  authorization: Buffer.from('[authorization]'),
};
