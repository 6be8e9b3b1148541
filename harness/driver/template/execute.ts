// Executes a parsed template over one object. Statements branch here; words, calls and their checks are in
// evaluate.ts.

import { evaluatePipeline, failHere, type Scope, setVariable } from './evaluate.ts';
import type { Pipeline, Statement } from './node.ts';
import { printValue } from './print.ts';
import { type Callable, type GoObject, type GoValue, isMap, isObject, isSlice, isTrue, typeName } from './value.ts';

/** What a template is executed with. */
export interface Execution {
  input: string;
  functions: Readonly<Record<string, Callable>>;
  object: GoObject;
}

/** The text of a parsed template. Throws TemplateError. */
export function executeTemplate(statements: Statement[], { input, functions, object }: Execution): string {
  const scope: Scope = { input, functions, variables: [['$', object]], node: { position: 0, source: '' } };
  const walk = new Walk(scope);
  walk.list(statements, object);
  return walk.text;
}

/** How a list of statements ended. */
type Left = 'break' | 'continue' | null;

class Walk {
  text = '';
  readonly #scope: Scope;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  list(statements: Statement[], dot: GoValue): Left {
    for (const one of statements) {
      const left = this.#statement(one, dot);
      if (left !== null) return left;
    }
    return null;
  }

  #statement(one: Statement, dot: GoValue): Left {
    this.#scope.node = one;
    switch (one.kind) {
      case 'text':
        this.text += one.text;
        return null;
      case 'action': {
        const value = evaluatePipeline(this.#scope, dot, one.pipeline);
        if (one.pipeline.declares.length === 0) this.#print(value);
        return null;
      }
      case 'break':
      case 'continue':
        return one.kind;
      default: {
        const mark = this.#scope.variables.length;
        const left = one.kind === 'range' ? this.#range(one, dot) : this.#choose(one, dot);
        this.#scope.variables.length = mark;
        return left;
      }
    }
  }

  #print(value: GoValue): void {
    if (isObject(value)) failHere(this.#scope, `larsen does not emulate printing ${typeName(value)}`);
    this.text += printValue(value);
  }

  #choose(one: Statement & { kind: 'if' | 'with' | 'range' }, dot: GoValue): Left {
    const value = evaluatePipeline(this.#scope, dot, one.pipeline);
    if (isTrue(value)) return this.list(one.body, one.kind === 'with' ? value : dot);
    return one.otherwise ? this.list(one.otherwise, dot) : null;
  }

  #range(one: Statement & { kind: 'if' | 'with' | 'range' }, dot: GoValue): Left {
    const { variables } = this.#scope;
    const items = listItems(evaluatePipeline(this.#scope, dot, one.pipeline));
    if (typeof items === 'string') return failHere(this.#scope, items);
    if (items.length === 0) return one.otherwise ? this.list(one.otherwise, dot) : null;
    const mark = variables.length;
    for (const [key, item] of items) {
      this.#assign(one.pipeline, key, item);
      const left = this.list(one.body, item);
      variables.length = mark;
      if (left === 'break') break;
    }
    return null;
  }

  #assign({ declares, isAssign }: Pipeline, key: GoValue, item: GoValue): void {
    const { variables } = this.#scope;
    const values = declares.length > 1 ? [key, item] : [item];
    for (const [index, name] of declares.entries()) {
      if (isAssign) setVariable(this.#scope, name, values[index]);
      else variables[variables.length - declares.length + index]![1] = values[index];
    }
  }
}

/** Most items that a range over a number gives: a tag of more is no tag. */
const RANGE_MAX = 10_000n;

/** Keys and items of what is ranged over, or Go's words against it. */
function listItems(value: GoValue): [GoValue, GoValue][] | string {
  if (value === undefined) return [];
  if (isSlice(value)) return value.map((item, index) => [BigInt(index), item]);
  if (isMap(value)) return [...value].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  if (typeof value === 'bigint') {
    const count = value > RANGE_MAX ? RANGE_MAX : value;
    return Array.from({ length: Math.max(0, Number(count)) }, (_, index) => [undefined, BigInt(index)]);
  }
  return `range can't iterate over ${isObject(value) ? typeName(value) : printValue(value)}`;
}
