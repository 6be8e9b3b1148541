// Values of a template: Go's kinds by the JavaScript that stands for them.
//
//   string string · int bigint · float64 number · bool boolean · []string array · map[string]string Map
//   *logger.Info GoObject · nothing undefined (prints as <no value>)

/** Kinds of parameters that functions and methods of a tag have. */
export type Parameter = 'string' | 'int' | '[]string' | 'any' | 'function';

/** A function or method: `rest` parameters may follow those that are fixed. */
export interface Callable {
  parameters: readonly Parameter[];
  rest?: Parameter;
  /** Throws an Error with Go's words. */
  call(...args: GoValue[]): GoValue;
}

/** What a template is about, by its fields and methods. */
export interface GoObject {
  /** As Go names the type in errors. */
  typeName: string;
  members: Readonly<Record<string, GoValue | Callable>>;
}

/** A value of a template. */
export type GoValue =
  | string
  | bigint
  | number
  | boolean
  | undefined
  | readonly string[]
  | ReadonlyMap<string, string>
  | GoObject;

/** Whether a member is called rather than read. */
export function isCallable(member: GoValue | Callable): member is Callable {
  return typeof member === 'object' && 'parameters' in member;
}

/** Whether a value is the object of a template. */
export function isObject(value: GoValue): value is GoObject {
  return typeof value === 'object' && 'members' in value;
}

/** Whether a value is a map. */
export function isMap(value: GoValue): value is ReadonlyMap<string, string> {
  return value instanceof Map;
}

/** Whether a value is a slice of strings. */
export function isSlice(value: GoValue): value is readonly string[] {
  return Array.isArray(value);
}

/** The type as Go's errors name it. */
export function typeName(value: GoValue): string {
  if (value === undefined) return '<nil>';
  if (isMap(value)) return 'map[string]string';
  if (isSlice(value)) return '[]string';
  if (isObject(value)) return value.typeName;
  const names: Record<string, string> = { string: 'string', bigint: 'int', number: 'float64', boolean: 'bool' };
  return names[typeof value]!;
}

/** Whether `if` takes its first branch. */
export function isTrue(value: GoValue): boolean {
  if (isMap(value)) return value.size > 0;
  if (isSlice(value)) return value.length > 0;
  return Boolean(value);
}

/** Names of Go's types for parameters. */
export const PARAMETER_TYPES: Record<Parameter, string> = {
  ...{ string: 'string', int: 'int', '[]string': '[]string', any: 'reflect.Value', function: 'func(string) string' },
};
