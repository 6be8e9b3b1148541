// Values of pipelines: fields and methods, variables, calls. Arguments are checked against the parameter they are for
// with the errors of Go's text/template, at the word that Go points to.

import type { Command, Node, Operand, Pipeline } from './node.ts';
import { failAt } from './template-error.ts';
import {
  type Callable,
  type GoValue,
  isCallable,
  isMap,
  isObject,
  isSlice,
  isTrue,
  PARAMETER_TYPES,
  type Parameter,
  typeName,
} from './value.ts';

/** What words are looked up in. */
export interface Scope {
  input: string;
  functions: Readonly<Record<string, Callable>>;
  /** Innermost last. */
  variables: [name: string, value: GoValue][];
  /** What was looked at last: errors point to it, as Go's do. */
  node: Node;
}

/** Throws Go's error, at what was looked at last. */
export function failHere(scope: Scope, text: string): never {
  return failAt(scope.node, scope.input, text);
}

/** The value that a stage of a pipeline hands on to the next; null: it is the first. */
type Final = { value: GoValue } | null;

/** The value of a pipeline; its variables are declared or set. Throws TemplateError. */
export function evaluatePipeline(scope: Scope, dot: GoValue, pipeline: Pipeline): GoValue {
  const { commands, declares, isAssign } = pipeline;
  scope.node = pipeline;
  let final: Final = null;
  for (const command of commands) final = { value: evaluateCommand(scope, dot, { command, final }) };
  const { value } = final!;
  for (const name of declares) {
    if (isAssign) setVariable(scope, name, value);
    else scope.variables.push([name, value]);
  }
  return value;
}

/** Sets the innermost variable of that name. */
export function setVariable(scope: Scope, name: string, value: GoValue): void {
  const known = scope.variables.findLast(([other]) => other === name);
  if (known) known[1] = value;
  else failHere(scope, `undefined variable: ${name}`);
}

function evaluateCommand(scope: Scope, dot: GoValue, of: { command: Command; final: Final }): GoValue {
  const [first, ...args] = of.command.words as [Operand, ...Operand[]];
  const call: Arguments = { dot, words: args, final: of.final };
  const refuseArguments = (): void => {
    if (args.length > 0 || of.final) {
      failHere(scope, `can't give argument to non-function ${first.source}`);
    }
  };
  if (first.kind !== 'pipeline') scope.node = first;
  switch (first.kind) {
    case 'function':
      return callNamed(scope, first, { ...call, at: of.command });
    case 'field':
    case 'chain':
      return evaluateMembers(scope, first, call);
    case 'variable':
      if (first.names.length === 1) refuseArguments();
      return evaluateMembers(scope, first, call);
    case 'nil':
      refuseArguments();
      return failHere(scope, 'nil is not a command');
    default:
      refuseArguments();
      return evaluateWord(scope, dot, first);
  }
}

/** Arguments of a call that are not evaluated yet. */
interface Arguments {
  dot: GoValue;
  words: Operand[];
  final: Final;
}

const INT_MAX = 2n ** 63n - 1n;

/** The value of a word that stands by itself. */
function evaluateWord(scope: Scope, dot: GoValue, word: Operand): GoValue {
  if (word.kind !== 'pipeline') scope.node = word;
  switch (word.kind) {
    case 'constant':
      if (typeof word.value === 'bigint' && word.value > INT_MAX) failHere(scope, `${word.source} overflows int`);
      return word.value;
    case 'dot':
      return dot;
    case 'nil':
      return undefined;
    case 'pipeline':
      return evaluatePipeline(scope, dot, word);
    case 'function':
      return callNamed(scope, word, { dot, words: [], final: null, at: word });
    default:
      return evaluateMembers(scope, word, { dot, words: [], final: null });
  }
}

type Dotted = Extract<Operand, { names: string[] }>;

function evaluateMembers(scope: Scope, word: Dotted, call: Arguments): GoValue {
  const { start, names } = startOf(scope, word, call.dot);
  if (names.length === 0) return start;
  let receiver = start;
  for (const name of names.slice(0, -1)) {
    receiver = evaluateMember(scope, { word, name, receiver }, { dot: call.dot, words: [], final: null });
  }
  return evaluateMember(scope, { word, name: names.at(-1)!, receiver }, call);
}

function startOf(scope: Scope, word: Dotted, dot: GoValue): { start: GoValue; names: string[] } {
  if (word.kind === 'field') return { start: dot, names: word.names };
  if (word.kind === 'variable') {
    const [name, ...names] = word.names;
    return { start: scope.variables.findLast(([known]) => known === name)?.[1], names };
  }
  if (word.of.kind === 'nil') failHere(scope, `indirection through explicit nil in ${word.source}`);
  return { start: evaluateWord(scope, dot, word.of), names: word.names };
}

function evaluateMember(
  scope: Scope,
  { word, name, receiver }: { word: Dotted; name: string; receiver: GoValue },
  call: Arguments,
): GoValue {
  if (receiver === undefined) return undefined;
  const hasArguments = call.words.length > 0 || call.final !== null;
  if (isMap(receiver)) {
    if (hasArguments) failHere(scope, `${name} is not a method but has arguments`);
    return receiver.get(name);
  }
  const member = isObject(receiver) && Object.hasOwn(receiver.members, name) ? receiver.members[name] : null;
  if (member === null) return failHere(scope, `can't evaluate field ${name} in type ${typeName(receiver)}`);
  if (isCallable(member)) return callWith(scope, { name, callable: member, at: word }, call);
  if (hasArguments) failHere(scope, `${name} has arguments but cannot be invoked as function`);
  return member;
}

function callNamed(scope: Scope, word: Operand & { kind: 'function' }, call: Arguments & { at: Node }): GoValue {
  const callable = scope.functions[word.name]!;
  scope.node = word;
  if (word.name === 'and' || word.name === 'or') return shortCircuit(scope, word, call);
  const value = callWith(scope, { name: word.name, callable, at: call.at }, call);
  if (word.name !== 'call') return value;
  const why =
    value === undefined ? 'call of nil' : `non-function ${call.words[0]?.source ?? value} of type ${typeName(value)}`;
  scope.node = call.at;
  return failHere(scope, `error calling call: ${why}`);
}

function shortCircuit(scope: Scope, word: Operand & { kind: 'function' }, { dot, words, final }: Arguments): GoValue {
  if (words.length === 0 && !final) failHere(scope, tooFew(word.name, 1, 0));
  let value: GoValue;
  for (const arg of words) {
    value = evaluateArgument(scope, dot, { word: arg, parameter: 'any' });
    if (isTrue(value) === (word.name === 'or')) return value;
  }
  return final ? final.value : value;
}

interface Callee {
  name: string;
  callable: Callable;
  /** Where an error of the function itself is shown. */
  at: Node;
}

function callWith(scope: Scope, { name, callable, at }: Callee, { dot, words, final }: Arguments): GoValue {
  const { parameters, rest } = callable;
  const count = words.length + (final ? 1 : 0);
  if (rest ? count < parameters.length : count !== parameters.length) {
    const text = rest
      ? tooFew(name, parameters.length, words.length)
      : `wrong number of args for ${name}: want ${parameters.length} got ${count}`;
    failHere(scope, text);
  }
  const parameterAt = (index: number): Parameter => parameters[index] ?? rest!;
  const args = words.map((word, index) => evaluateArgument(scope, dot, { word, parameter: parameterAt(index) }));
  if (final) {
    const parameter = parameterAt(words.length);
    args.push(checkType(scope, final.value, parameter));
  }
  try {
    return callable.call(...args);
  } catch (error) {
    scope.node = at;
    return failHere(scope, `error calling ${name}: ${(error as Error).message}`);
  }
}

function tooFew(name: string, wanted: number, got: number): string {
  return `wrong number of args for ${name}: want at least ${wanted} got ${got}`;
}

const LITERALS: Partial<Record<Parameter, string>> = { string: 'string', int: 'integer' };

function evaluateArgument(scope: Scope, dot: GoValue, of: { word: Operand; parameter: Parameter }): GoValue {
  const { word, parameter } = of;
  scope.node = word;
  if (word.kind === 'nil') {
    if (parameter === 'string' || parameter === 'int') {
      failHere(scope, `cannot assign nil to ${PARAMETER_TYPES[parameter]}`);
    }
    return undefined;
  }
  if (word.kind === 'constant' && parameter !== 'any') {
    const literal = LITERALS[parameter];
    if (literal === undefined) {
      failHere(scope, `can't handle ${word.source} for arg of type ${PARAMETER_TYPES[parameter]}`);
    }
    const value = literal === 'integer' && Number.isInteger(word.value) ? BigInt(word.value as number) : word.value;
    if (!isOf(value, parameter)) failHere(scope, `expected ${literal}; found ${word.source}`);
    return value;
  }
  return checkType(scope, evaluateWord(scope, dot, word), parameter);
}

function checkType(scope: Scope, value: GoValue, parameter: Parameter): GoValue {
  if (isOf(value, parameter)) return value;
  const expected = PARAMETER_TYPES[parameter];
  if (value === undefined) {
    if (parameter === '[]string' || parameter === 'function') return undefined;
    return failHere(scope, `invalid value; expected ${expected}`);
  }
  return failHere(scope, `wrong type for value; expected ${expected}; got ${typeName(value)}`);
}

function isOf(value: GoValue, parameter: Parameter): boolean {
  if (parameter === 'any') return true;
  if (parameter === 'string') return typeof value === 'string';
  if (parameter === 'int') return typeof value === 'bigint';
  return parameter === '[]string' && isSlice(value);
}
