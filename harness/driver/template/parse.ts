// From tokens to a tree, with the refusals of Go's text/template in its own words. Parts of a template that are
// defined apart (`define`, `template`, `block`) are not emulated: a tag has no use for them.

import { parseConstant } from './constant.ts';
import { lexTemplate } from './lex.ts';
import type { Command, Node, Operand, Pipeline, Statement } from './node.ts';
import { failParse, TEMPLATE_NAME } from './template-error.ts';
import { describeToken, type Token } from './token.ts';

/** Parses a template; `functions` are the names it may call. Throws TemplateError. */
export function parseTemplate(input: string, functions: ReadonlySet<string>): Statement[] {
  return new Parser(lexTemplate(input), functions).parse();
}

/** Parentheses within another; Go takes 10,000. */
const DEPTH_MAX = 500;

/** Where a list of statements ends. */
type End = 'end' | 'else' | null;

class Parser {
  readonly #tokens: Token[];
  readonly #functions: ReadonlySet<string>;
  #at = 0;
  #line = 1;
  #variables = ['$'];
  #ranges = 0;
  #depth = 0;
  /** Where the action that is being read began; 0: none is. */
  #actionLine = 0;

  constructor(tokens: Token[], functions: ReadonlySet<string>) {
    this.#tokens = tokens;
    this.#functions = functions;
  }

  parse(): Statement[] {
    const { list, end } = this.#list();
    if (end !== null) this.#fail(`unexpected {{${end}}}`);
    return list;
  }

  #fail(text: string): never {
    return failParse(text, this.#line);
  }

  #peek(): Token {
    return this.#tokens[Math.min(this.#at, this.#tokens.length - 1)]!;
  }

  #next(): Token {
    const token = this.#peek();
    this.#at++;
    this.#line = token.line;
    return token;
  }

  #skipSpace(): Token {
    while (this.#peek().kind === 'space') this.#next();
    return this.#peek();
  }

  #unexpected(token: Token, context: string): never {
    this.#line = token.line;
    if (token.kind !== 'error') return this.#fail(`unexpected ${describeToken(token)} in ${context}`);
    const isFar = this.#actionLine !== 0 && this.#actionLine !== token.line;
    const verb = token.text.endsWith(' action') ? '' : ' in action';
    return this.#fail(token.text + (isFar ? `${verb} started at ${TEMPLATE_NAME}:${this.#actionLine}` : ''));
  }

  #expectRight(context: string): void {
    this.#skipSpace();
    const token = this.#next();
    if (token.kind !== 'right') this.#unexpected(token, context);
  }

  /** Statements up to `{{end}}`, `{{else}}` (whose keyword is past) or the end of the template. */
  #list(): { list: Statement[]; end: End } {
    const list: Statement[] = [];
    for (;;) {
      const token = this.#next();
      const { text, position } = token;
      if (token.kind === 'eof') return { list, end: null };
      if (token.kind === 'text') list.push({ kind: 'text', text, position, source: text });
      else if (token.kind === 'left') {
        this.#actionLine = token.line;
        const one = this.#action();
        this.#actionLine = 0;
        if (one === 'end' || one === 'else') return { list, end: one };
        list.push(one);
      } else this.#unexpected(token, 'input');
    }
  }

  #action(): Statement | 'end' | 'else' {
    const { kind, text, position } = this.#skipSpace();
    if (kind !== 'keyword') {
      const pipeline = this.#pipeline('command', 'right');
      return { kind: 'action', pipeline, position, source: `{{${pipeline.source}}}` };
    }
    this.#next();
    if (text === 'else') {
      const next = this.#skipSpace();
      // `{{else if x}}`: the keyword is left for the list to come.
      if (next.kind === 'keyword' && (next.text === 'if' || next.text === 'with')) return 'else';
      this.#expectRight('else');
      return 'else';
    }
    if (text === 'end') {
      this.#expectRight('end');
      return 'end';
    }
    if (text === 'break' || text === 'continue') return this.#leave(text, position);
    if (text === 'if' || text === 'with' || text === 'range') return this.#control(text, position);
    return this.#fail(`larsen does not emulate {{${text}}} in a tag`);
  }

  #leave(kind: 'break' | 'continue', position: number): Statement {
    this.#expectRight(`{{${kind}}}`);
    if (this.#ranges === 0) this.#fail(`{{${kind}}} outside {{range}}`);
    return { kind, position, source: `{{${kind}}}` };
  }

  #control(kind: 'if' | 'with' | 'range', position: number): Statement {
    const before = this.#variables.length;
    const pipeline = this.#pipeline(kind, 'right');
    if (kind === 'range') this.#ranges++;
    const { list: body, end } = this.#list();
    if (kind === 'range') this.#ranges--;
    const otherwise = end === 'else' ? this.#otherwise(kind) : null;
    if (end === null) this.#fail('unexpected EOF');
    this.#variables.length = before;
    const source = `{{${kind} ${pipeline.source}}}${sources(body)}${otherwise ? `{{else}}${sources(otherwise)}` : ''}{{end}}`;
    return { kind, pipeline, body, otherwise, position, source };
  }

  #otherwise(kind: 'if' | 'with' | 'range'): Statement[] {
    const next = this.#peek();
    if (next.kind === 'keyword' && (next.text === 'if' || next.text === 'with')) {
      if (next.text !== kind) this.#unexpected(next, 'input');
      this.#next();
      return [this.#control(kind, next.position)];
    }
    const { list, end } = this.#list();
    if (end === 'else') this.#fail('expected end; found {{else}}');
    if (end === null) this.#fail('unexpected EOF');
    return list;
  }

  #pipeline(context: string, end: 'right' | 'close'): Pipeline {
    const { position } = this.#skipSpace();
    const { declares, isAssign } = this.#declarations(context);
    const commands: Command[] = [];
    for (;;) {
      const token = this.#skipSpace();
      if (token.kind === end) break;
      if (!STARTS.has(token.kind)) this.#unexpected(this.#next(), context);
      commands.push(this.#command());
    }
    this.#next();
    if (commands.length === 0) this.#fail(`missing value for ${context}`);
    const stage = commands.findIndex(({ words }, index) => index > 0 && isValue(words[0]!));
    if (stage !== -1) this.#fail(`non executable command in pipeline stage ${stage + 1}`);
    const given = declares.length > 0 ? `${declares.join(', ')} ${isAssign ? '=' : ':='} ` : '';
    const source = given + commands.map((command) => command.source).join(' | ');
    return { kind: 'pipeline', declares, isAssign, commands, position, source };
  }

  #declarations(context: string): { declares: string[]; isAssign: boolean } {
    const declares: string[] = [];
    for (;;) {
      const from = this.#at;
      const variable = this.#skipSpace();
      if (variable.kind !== 'variable') return { declares, isAssign: false };
      this.#next();
      const sign = this.#skipSpace();
      const isComma = sign.kind === 'char' && sign.text === ',';
      if (sign.kind !== 'declare' && sign.kind !== 'assign' && !isComma) {
        this.#at = from;
        return { declares, isAssign: false };
      }
      this.#next();
      declares.push(variable.text);
      this.#variables.push(variable.text);
      if (!isComma) return { declares, isAssign: sign.kind === 'assign' };
      if (context !== 'range' || declares.length > 1) this.#fail(`too many declarations in ${context}`);
      if (!['variable', 'right', 'close'].includes(this.#skipSpace().kind)) {
        this.#fail('range can only initialize variables');
      }
    }
  }

  #command(): Command {
    const { position } = this.#skipSpace();
    const words: Operand[] = [];
    for (;;) {
      this.#skipSpace();
      const operand = this.#operand();
      if (operand) words.push(operand);
      const token = this.#peek();
      if (token.kind === 'right' || token.kind === 'close') break;
      this.#next();
      if (token.kind === 'pipe') break;
      if (token.kind !== 'space') this.#unexpected(token, 'operand');
    }
    if (words.length === 0) this.#fail('empty command');
    return { words, position, source: words.map(inCommand).join(' ') };
  }

  #operand(): Operand | null {
    const term = this.#term();
    if (term === null || this.#peek().kind !== 'field') return term;
    const { position } = this.#peek();
    const names: string[] = [];
    while (this.#peek().kind === 'field') names.push(this.#next().text.slice(1));
    const dotted = names.map((name) => `.${name}`).join('');
    if (term.kind === 'field' || term.kind === 'variable') {
      return { ...term, names: [...term.names, ...names], position, source: term.source + dotted };
    }
    if (isValue(term)) this.#fail(`unexpected . after term ${JSON.stringify(term.source)}`);
    return { kind: 'chain', of: term, names, position, source: inCommand(term) + dotted };
  }

  #term(): Operand | null {
    const token = this.#peek();
    if (!STARTS.has(token.kind)) return null;
    this.#next();
    const { text, position } = token;
    const node: Node = { position, source: text };
    switch (token.kind) {
      case 'identifier':
        if (!this.#functions.has(text)) this.#fail(`function ${JSON.stringify(text)} not defined`);
        return { ...node, kind: 'function', name: text };
      case 'variable':
        if (!this.#variables.includes(text)) this.#fail(`undefined variable ${JSON.stringify(text)}`);
        return { ...node, kind: 'variable', names: [text] };
      case 'field':
        return { ...node, kind: 'field', names: [text.slice(1)] };
      case 'dot':
      case 'nil':
        return { ...node, kind: token.kind };
      case 'open': {
        if (this.#depth === DEPTH_MAX) this.#fail('max expression depth exceeded');
        this.#depth++;
        const inner = this.#pipeline('parenthesized pipeline', 'close');
        this.#depth--;
        return inner;
      }
      default:
        return { ...node, kind: 'constant', value: parseConstant(token, (error) => this.#fail(error)) };
    }
  }
}

/** Tokens that a word of a command can begin with. */
const STARTS: ReadonlySet<string> = new Set([
  ...['bool', 'character', 'dot', 'field', 'identifier', 'number', 'nil', 'raw', 'string', 'variable', 'open'],
]);

/** Words that are a value by themselves and take nothing from the stage before. */
function isValue({ kind }: Operand): boolean {
  return kind === 'constant' || kind === 'dot' || kind === 'nil';
}

function inCommand(operand: Operand): string {
  return operand.kind === 'pipeline' ? `(${operand.source})` : operand.source;
}

function sources(list: Statement[]): string {
  return list.map(({ source }) => source).join('');
}
