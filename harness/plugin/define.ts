// What a plugin is made of: typed identities that check the required members and tag the object with its kind, so
// that a plugin is a plain array. What is built in is made with the same calls.

import { HarnessError } from '../core/errors.ts';
import type {
  AppDefinition,
  CheckerDefinition,
  DriverDefinition,
  FaultDefinition,
  ShapeDefinition,
  SinkDefinition,
} from '../model/parts.ts';
import type { ScenarioInput } from '../scenario/schema.ts';

/** The kinds of parts a plugin can bring. */
export const PART_KINDS = ['fault', 'checker', 'shape', 'app', 'sink', 'driver'] as const;

/** A kind of part. */
export type PartKind = (typeof PART_KINDS)[number];

/** One of the parts that the define calls return. */
export type Part =
  | FaultDefinition
  | CheckerDefinition
  | ShapeDefinition
  | AppDefinition
  | SinkDefinition
  | DriverDefinition;

/** Shared between copies of larsen in one process, unlike a local symbol. */
const PART_KIND = Symbol.for('larsen.part-kind');
const PART_NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;
const HOPS = ['app', 'driver', 'agent', 'relay', 'sink'];
const ENGINES = ['process', 'docker', 'sim', 'swarm'];

/** A fault: `inject`, `heal`, and `bit`, the proof that it did something. Throws E_PLUGIN_PART. */
export function defineFault<P>(definition: FaultDefinition<P>): FaultDefinition<P> {
  const check = checkPart('fault', definition, ['inject', 'heal', 'bit']);
  check('params', isParams(definition.params), 'a zod schema or a function from unknown to the parameters');
  check('hop', HOPS.includes(definition.hop?.split('..')[0] ?? ''), `one of ${HOPS.join(', ')}`);
  check(
    'engines',
    isListOf(definition.engines, (engine) => ENGINES.includes(engine)),
    `a list of ${ENGINES.join(', ')}`,
  );
  return tag('fault', definition);
}

/** A checker: a pure function from history and ledger to a verdict with findings. Throws E_PLUGIN_PART. */
export function defineChecker<P>(definition: CheckerDefinition<P>): CheckerDefinition<P> {
  const check = checkPart('checker', definition, ['check']);
  check('params', isParams(definition.params), 'a zod schema or a function from unknown to the parameters');
  return tag('checker', definition);
}

/** A shape: how a line looks that holds its id exactly once. Throws E_PLUGIN_PART. */
export function defineShape(definition: ShapeDefinition): ShapeDefinition {
  checkPart('shape', definition, ['line']);
  return tag('shape', definition);
}

/** An app: a program that writes lines or answers requests. Throws E_PLUGIN_PART. */
export function defineApp(definition: AppDefinition): AppDefinition {
  const check = checkPart('app', definition, []);
  check('kind', definition.kind === 'lines' || definition.kind === 'http', 'lines or http');
  check(
    'command',
    isListOf(definition.command, (word) => typeof word === 'string') && definition.command.length > 0,
    'a list: the program and its arguments',
  );
  return tag('app', definition);
}

/** A sink, or a relay before one. Without `readBack` parity is unknown. Throws E_PLUGIN_PART. */
export function defineSink(definition: SinkDefinition): SinkDefinition {
  const check = checkPart('sink', definition, ['start']);
  check('at', definition.at === 'relay' || definition.at === 'sink', 'relay or sink');
  check(
    'readBack',
    definition.readBack === undefined || typeof definition.readBack === 'function',
    'a function, or nothing',
  );
  return tag('sink', definition);
}

/** A driver that reads the apps' FIFOs in place of ours. Throws E_PLUGIN_PART. */
export function defineDriver(definition: DriverDefinition): DriverDefinition {
  checkPart('driver', definition, ['start']);
  return tag('driver', definition);
}

/** A scenario as a typed object: the keys of a scenario file, checked when it is loaded. */
export function defineScenario(scenario: ScenarioInput): ScenarioInput {
  return scenario;
}

/** The kind that a define call gave to an object, or undefined. */
export function readPartKind(value: unknown): PartKind | undefined {
  if (value === null || typeof value !== 'object') return undefined;
  return (value as { [PART_KIND]?: PartKind })[PART_KIND];
}

type Check = (member: string, isRight: boolean, expected: string) => void;

function checkPart(kind: PartKind, definition: unknown, functions: string[]): Check {
  const call = `define${kind[0]!.toUpperCase()}${kind.slice(1)}`;
  const members = (definition ?? {}) as { [member: string]: unknown; name?: unknown };
  const check: Check = (member, isRight, expected) => {
    if (isRight) return;
    const name = typeof members.name === 'string' ? ` of ${JSON.stringify(members.name)}` : '';
    throw new HarnessError(
      'E_PLUGIN_PART',
      `${call}: expected \`${member}\`${name} to be ${expected}, got ${describeMember(members[member])}`,
    );
  };
  if (definition === null || typeof definition !== 'object')
    throw new HarnessError('E_PLUGIN_PART', `${call}: expected one object, got ${describeMember(definition)}`);
  check(
    'name',
    typeof members.name === 'string' && PART_NAME.test(members.name),
    'a name of lower-case letters, digits and dashes',
  );
  for (const member of functions) check(member, typeof members[member] === 'function', 'a function');
  return check;
}

function tag<Definition extends object>(kind: PartKind, definition: Definition): Definition {
  const part = Object.isExtensible(definition) ? definition : (Object.create(definition) as Definition);
  return Object.defineProperty(part, PART_KIND, { value: kind, configurable: true });
}

function isParams(params: unknown): boolean {
  return (
    typeof params === 'function' || typeof (params as { parse?: unknown } | null | undefined)?.parse === 'function'
  );
}

function isListOf(list: unknown, isOne: (item: string) => boolean): boolean {
  return Array.isArray(list) && list.every((item) => isOne(item as string));
}

function describeMember(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'function') return 'a function';
  return `${JSON.stringify(value)?.slice(0, 60)} (${Array.isArray(value) ? 'array' : typeof value})`;
}
