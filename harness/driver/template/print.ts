// How Go's fmt prints the values of a template: `{{ }}`, print, println, and the verbs of printf.

import { quoteGo } from './template-error.ts';
import { type GoValue, isMap, isObject, isSlice, typeName } from './value.ts';

/** A value as `%v` prints it, and as `{{ }}` puts it into the text. */
export function printValue(value: GoValue): string {
  return value === undefined ? '<no value>' : formatPlain(value);
}

/** The operands as fmt.Sprint prints them: blanks between two that are no strings. */
export function sprint(values: readonly GoValue[]): string {
  return values
    .map((value, index) => {
      const before = values[index - 1];
      const isApart = index > 0 && typeof value !== 'string' && typeof before !== 'string';
      return (isApart ? ' ' : '') + formatPlain(value);
    })
    .join('');
}

/** The operands as fmt.Sprintln prints them. */
export function sprintln(values: readonly GoValue[]): string {
  return `${values.map(formatPlain).join(' ')}\n`;
}

function formatPlain(value: GoValue): string {
  if (value === undefined) return '<nil>';
  if (isSlice(value)) return `[${value.join(' ')}]`;
  if (isMap(value))
    return `map[${sortedKeys(value)
      .map((key) => `${key}:${value.get(key)}`)
      .join(' ')}]`;
  if (typeof value === 'number') return formatFloat(value);
  if (isObject(value)) throw new Error(`larsen does not emulate printing ${typeName(value)}`);
  return String(value);
}

/** Keys by their bytes, as Go sorts a map that it prints. */
export function sortedKeys(map: ReadonlyMap<string, string>): string[] {
  return [...map.keys()].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

/** The shortest form that reads back, with an exponent from 1e21 and below 1e-4. */
export function formatFloat(value: number): string {
  const [digits, exponent] = value.toExponential().split('e') as [string, string];
  const power = Number(exponent);
  if (value !== 0 && (power < -4 || power >= 21)) {
    return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
  }
  return value.toFixed(Math.max(0, digits.replace(/[-.]/g, '').length - 1 - power));
}

const VERB = /%([-+# 0]*)(\d+)?(?:\.(\d*))?(.|$)/gsu;

/** The text of `printf`, with what fmt says of verbs that do not fit. */
export function sprintf(format: string, values: readonly GoValue[]): string {
  if (/%[-+# 0]*[*[]/.test(format)) throw new Error('larsen does not emulate `*` and `[n]` in printf');
  let at = 0;
  const text = format.replace(
    VERB,
    (_all, flags: string, width: string, precision: string | undefined, verb: string) => {
      if (verb === '') return '%!(NOVERB)';
      if (verb === '%') return '%';
      if (at >= values.length) return `%!${verb}(MISSING)`;
      const spec = { flags, width: Number(width ?? 0), precision: precision === undefined ? null : Number(precision) };
      return pad(formatVerb(verb, values[at++], spec), spec, verb);
    },
  );
  if (at >= values.length) return text;
  const extra = values
    .slice(at)
    .map((value) => (value === undefined ? '<nil>' : `${typeName(value)}=${formatPlain(value)}`));
  return `${text}%!(EXTRA ${extra.join(', ')})`;
}

interface Spec {
  flags: string;
  width: number;
  precision: number | null;
}

function pad(text: string, { flags, width }: Spec, verb: string): string {
  const missing = Math.min(width, 10_000) - [...text].length;
  if (missing <= 0) return text;
  if (flags.includes('-')) return text + ' '.repeat(missing);
  if (!flags.includes('0') || !'dboxXfFeEgGsvq'.includes(verb)) return ' '.repeat(missing) + text;
  const sign = /^[+-]\d/.test(text) ? text[0]! : '';
  return sign + '0'.repeat(missing) + text.slice(sign.length);
}

function formatVerb(verb: string, value: GoValue, spec: Spec): string {
  const bad = `%!${verb}(${value === undefined ? '<nil>' : `${typeName(value)}=${formatPlain(value)}`})`;
  if (verb === 'T') return typeName(value);
  if (value === undefined) return verb === 'v' ? '<nil>' : bad;
  if (isSlice(value)) return `[${value.map((item) => formatVerb(verb, item, { ...spec, width: 0 })).join(' ')}]`;
  if (isMap(value)) {
    const one = (text: string): string => formatVerb(verb, text, { ...spec, width: 0 });
    return `map[${sortedKeys(value)
      .map((key) => `${one(key)}:${one(value.get(key)!)}`)
      .join(' ')}]`;
  }
  if (typeof value === 'string') return formatText(verb, value, spec) ?? bad;
  if (typeof value === 'bigint') return formatWhole(verb, value, spec) ?? bad;
  if (typeof value === 'number') return formatReal(verb, value, spec) ?? bad;
  return verb === 'v' || verb === 't' ? String(value) : bad;
}

function formatText(verb: string, value: string, { precision, flags }: Spec): string | null {
  const text = precision === null ? value : [...value].slice(0, precision).join('');
  if (verb === 's') return text;
  if (verb === 'v') return flags.includes('#') ? quoteGo(text) : text;
  if (verb === 'q') return flags.includes('#') && !/[`\p{Cc}]/u.test(text) ? `\`${text}\`` : quoteGo(text);
  if (verb !== 'x' && verb !== 'X') return null;
  const hex = Buffer.from(value)
    .subarray(0, precision ?? undefined)
    .toString('hex');
  const prefixed = flags.includes('#') && hex !== '' ? `0x${hex}` : hex;
  return verb === 'x' ? prefixed : prefixed.toUpperCase();
}

const BASES: Record<string, number> = { d: 10, v: 10, b: 2, o: 8, x: 16, X: 16 };

function formatWhole(verb: string, value: bigint, { flags, precision }: Spec): string | null {
  if (verb === 'c') return String.fromCodePoint(Number(value));
  if (verb === 'q') return `'${String.fromCodePoint(Number(value))}'`;
  if (verb === 'U') return `U+${value.toString(16).toUpperCase().padStart(4, '0')}`;
  const base = BASES[verb];
  if (base === undefined) return null;
  const digits = (value < 0n ? -value : value).toString(base).padStart(precision ?? 0, '0');
  const prefix = flags.includes('#') ? ({ b: '0b', o: '0', x: '0x', X: '0X' }[verb] ?? '') : '';
  const sign = value < 0n ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
  return sign + prefix + (verb === 'X' ? digits.toUpperCase() : digits);
}

function formatReal(verb: string, value: number, { flags, precision }: Spec): string | null {
  const sign = flags.includes('+') && value >= 0 ? '+' : '';
  if (verb === 'f' || verb === 'F') return sign + value.toFixed(precision ?? 6);
  if (verb === 'e') return sign + value.toExponential(precision ?? 6).replace(/e([+-])(\d)$/, 'e$10$2');
  if (verb !== 'v' && verb !== 'g') return null;
  return sign + (precision === null ? formatFloat(value) : formatFloat(Number(value.toPrecision(precision || 1))));
}
