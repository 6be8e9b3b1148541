// The tokens of a template: text, delimiters, and the words between them. Reading stops at the first error, which
// is a token itself: the parser decides with which words it is told.

/** What a token is. */
export type TokenKind =
  | 'text'
  | 'left'
  | 'right'
  | 'space'
  | 'identifier'
  | 'keyword'
  | 'field'
  | 'variable'
  | 'dot'
  | 'nil'
  | 'bool'
  | 'number'
  | 'character'
  | 'string'
  | 'raw'
  | 'open'
  | 'close'
  | 'pipe'
  | 'declare'
  | 'assign'
  | 'char'
  | 'eof'
  | 'error';

/** One token; `position` counts bytes from the start of the template, `line` from 1. */
export interface Token {
  kind: TokenKind;
  text: string;
  position: number;
  line: number;
}

const KEYWORDS = ['block', 'break', 'continue', 'define', 'else', 'end', 'if', 'range', 'template', 'with'];

/** Words that are no names. */
export function classifyWord(word: string): TokenKind {
  if (KEYWORDS.includes(word)) return 'keyword';
  if (word === 'nil') return 'nil';
  return word === 'true' || word === 'false' ? 'bool' : 'identifier';
}

/** A token as the errors of the parser name it. */
export function describeToken({ kind, text }: Token): string {
  if (kind === 'eof') return 'EOF';
  if (kind === 'error') return text;
  if (kind === 'keyword' || kind === 'dot' || kind === 'nil') return `<${text}>`;
  const chars = [...text];
  return chars.length > 10 ? `${JSON.stringify(chars.slice(0, 10).join(''))}...` : JSON.stringify(text);
}
