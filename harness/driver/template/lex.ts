// From the text of a template to its tokens, by the rules of Go's text/template: `{{` and `}}`, trimming with `{{- `
// and ` -}}`, comments, names, numbers, strings.

import { quoteGo } from './template-error.ts';
import { classifyWord, type Token, type TokenKind } from './token.ts';

const LEFT = '{{';
const RIGHT = '}}';
const SPACE = /[ \t\r\n]/;
const WORD = /[\p{L}\p{Nd}_]/u;
const NUMBER =
  /[+-]?(?:0[xX][0-9a-fA-F_]*(?:\.[0-9a-fA-F_]*)?(?:[pP][+-]?[0-9_]*)?|0[oO][0-7_]*|0[bB][01_]*|[0-9_]*(?:\.[0-9_]*)?(?:[eE][+-]?[0-9_]*)?)i?/y;

/** All tokens; the last one is `eof` or `error`. */
export function lexTemplate(input: string): Token[] {
  return new Lexer(input).read();
}

class Lexer {
  readonly #input: string;
  readonly #tokens: Token[] = [];
  #at = 0;
  #depth = 0;
  #line = 1;
  /** Bytes of the input before `#lineAt`. */
  #bytes = 0;
  #countedTo = 0;

  constructor(input: string) {
    this.#input = input;
  }

  read(): Token[] {
    while (this.#text());
    return this.#tokens;
  }

  #emit(kind: TokenKind, from: number, text = this.#input.slice(from, this.#at)): void {
    const skipped = this.#input.slice(this.#countedTo, from);
    this.#bytes += Buffer.byteLength(skipped);
    this.#line += skipped.split('\n').length - 1;
    this.#countedTo = from;
    this.#tokens.push({ kind, text, position: this.#bytes, line: this.#line });
  }

  #fail(text: string, from = this.#at): false {
    this.#emit('error', Math.min(from, this.#input.length), text);
    return false;
  }

  #startsWith(text: string, at = this.#at): boolean {
    return this.#input.startsWith(text, at);
  }

  #isSpace(at: number): boolean {
    return SPACE.test(this.#input[at] ?? '');
  }

  /** Text up to the next action, and that action; false at the end. */
  #text(): boolean {
    const from = this.#at;
    const next = this.#input.indexOf(LEFT, from);
    const end = next === -1 ? this.#input.length : next;
    const trims = next !== -1 && this.#input[next + 2] === '-' && this.#isSpace(next + 3);
    const text = this.#input.slice(from, end);
    const kept = trims ? text.replace(/[ \t\r\n]+$/, '') : text;
    this.#at = from + kept.length;
    if (kept !== '') this.#emit('text', from);
    this.#at = end;
    if (next === -1) {
      this.#emit('eof', end, '');
      return false;
    }
    const after = end + LEFT.length + (trims ? 2 : 0);
    if (this.#startsWith('/*', after)) return this.#comment(after);
    this.#at = end + LEFT.length;
    this.#emit('left', end);
    this.#at = after;
    this.#depth = 0;
    return this.#action();
  }

  #comment(from: number): boolean {
    const end = this.#input.indexOf('*/', from);
    if (end === -1) return this.#fail('unclosed comment', from);
    this.#at = end + 2;
    const right = this.#rightAt();
    if (right === 0) return this.#fail('comment ends before closing delimiter', from);
    this.#pass(right);
    return true;
  }

  /** Length of the closing delimiter that stands here, 0: none. */
  #rightAt(): number {
    if (this.#startsWith(RIGHT)) return RIGHT.length;
    return this.#isSpace(this.#at) && this.#startsWith(`-${RIGHT}`, this.#at + 1) ? RIGHT.length + 2 : 0;
  }

  /** Passes a closing delimiter and, where it trims, the blanks behind it. */
  #pass(right: number): void {
    this.#at += right;
    if (right > RIGHT.length) while (this.#isSpace(this.#at)) this.#at++;
  }

  #action(): boolean {
    for (;;) {
      const right = this.#rightAt();
      if (right > 0) {
        if (this.#depth > 0) return this.#fail('unclosed left paren');
        const from = this.#at + right - RIGHT.length;
        this.#emit('right', from, RIGHT);
        this.#pass(right);
        return true;
      }
      if (!this.#word()) return false;
    }
  }

  /** One token of an action. */
  #word(): boolean {
    const from = this.#at;
    const char = String.fromCodePoint(this.#input.codePointAt(from) ?? 0);
    if (from >= this.#input.length) return this.#fail('unclosed action');
    if (SPACE.test(char)) return this.#spaces();
    if (char === '"' || char === "'" || char === '`') return this.#quoted(char);
    if (char === '.' && !/[0-9]/.test(this.#input[from + 1] ?? '')) return this.#name('field');
    if (char === '$') return this.#name('variable');
    if (/[-+.0-9]/.test(char)) return this.#number();
    if (WORD.test(char)) return this.#name('identifier');
    return this.#sign(char);
  }

  #spaces(): boolean {
    const from = this.#at;
    while (this.#isSpace(this.#at) && (this.#at === from || this.#rightAt() === 0)) this.#at++;
    this.#emit('space', from);
    return true;
  }

  #quoted(quote: string): boolean {
    const from = this.#at++;
    const names = { '"': 'quoted string', "'": 'character constant', '`': 'raw quoted string' } as const;
    for (; this.#at < this.#input.length; this.#at++) {
      const char = this.#input[this.#at];
      if (char === '\n' && quote !== '`') break;
      if (char === '\\' && quote !== '`') {
        if (this.#input[this.#at + 1] === '\n') break;
        this.#at++;
      } else if (char === quote) {
        this.#at++;
        this.#emit(quote === '"' ? 'string' : quote === '`' ? 'raw' : 'character', from);
        return true;
      }
    }
    return this.#fail(`unterminated ${names[quote as '"']}`, from);
  }

  #name(kind: 'field' | 'variable' | 'identifier'): boolean {
    const from = this.#at;
    if (kind !== 'identifier') this.#at++;
    for (;;) {
      const char = String.fromCodePoint(this.#input.codePointAt(this.#at) ?? 0);
      if (this.#at >= this.#input.length || !WORD.test(char)) break;
      this.#at += char.length;
    }
    if (!this.#isTerminated()) return this.#fail(`bad character ${describeChar(this.#input, this.#at)}`);
    const text = this.#input.slice(from, this.#at);
    if (text === '.') this.#emit('dot', from);
    else this.#emit(kind === 'identifier' ? classifyWord(text) : kind, from);
    return true;
  }

  #isTerminated(): boolean {
    const char = this.#input[this.#at];
    return char === undefined || /[ \t\r\n.,|:)(]/.test(char) || this.#startsWith(RIGHT);
  }

  #number(): boolean {
    const from = this.#at;
    NUMBER.lastIndex = from;
    this.#at += NUMBER.exec(this.#input)![0].length;
    const char = String.fromCodePoint(this.#input.codePointAt(this.#at) ?? 0);
    const isSigned = /[-+]/.test(char);
    if (isSigned) {
      NUMBER.lastIndex = this.#at;
      this.#at += NUMBER.exec(this.#input)![0].length;
    }
    if (WORD.test(char) || isSigned || this.#at === from) {
      const text = this.#input.slice(from, isSigned ? this.#at : this.#at + char.length);
      return this.#fail(`bad number syntax: ${quoteGo(text)}`, from);
    }
    this.#emit('number', from);
    return true;
  }

  #sign(char: string): boolean {
    const from = this.#at;
    this.#at += char.length;
    if (char === ':') {
      if (this.#input[this.#at] !== '=') return this.#fail('expected :=', from);
      this.#at++;
    }
    if (char === '(') this.#depth++;
    if (char === ')' && this.#depth-- === 0) return this.#fail('unexpected right paren', from);
    const kinds: Record<string, TokenKind> = { ':': 'declare', '=': 'assign', '|': 'pipe', '(': 'open', ')': 'close' };
    const kind = kinds[char] ?? (/[!-~]/.test(char) ? 'char' : null);
    if (kind === null) return this.#fail(`unrecognized character in action: ${describeChar(this.#input, from)}`, from);
    this.#emit(kind, from);
    return true;
  }
}

/** A character as Go's `%#U` prints it. */
function describeChar(input: string, at: number): string {
  const code = input.codePointAt(at) ?? 0;
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')} '${String.fromCodePoint(code)}'`;
}
