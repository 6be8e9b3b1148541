// eq, ne, lt, le, gt and ge of a template: values of one kind are compared, others are an error in Go's words.

import { sprint } from './print.ts';
import { type GoValue, typeName } from './value.ts';

/** Whether the first equals one of the others. */
export function equalsAny(first: GoValue, others: readonly GoValue[]): boolean {
  if (others.length === 0) throw new Error('missing argument for comparison');
  return others.some((other) => {
    if (typeName(first) === typeName(other)) {
      checkComparable(first);
      return first === other;
    }
    if (first === undefined || other === undefined) return false;
    throw new Error(incompatible(first, other));
  });
}

/** Negative, 0 or positive. */
export function compareValues(a: GoValue, b: GoValue): number {
  if (typeof a !== typeof b && isBasic(a) && isBasic(b)) throw new Error(incompatible(a, b));
  if (!isBasic(a) || !isBasic(b) || typeof a === 'boolean') throw new Error('invalid type for comparison');
  if (typeof a === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b as string));
  return a! < b! ? -1 : a === b ? 0 : 1;
}

function incompatible(a: GoValue, b: GoValue): string {
  return `incompatible types for comparison: ${typeName(a)} and ${typeName(b)}`;
}

function isBasic(value: GoValue): boolean {
  return ['string', 'bigint', 'number', 'boolean'].includes(typeof value);
}

function checkComparable(value: GoValue): void {
  if (typeof value === 'object') throw new Error(`non-comparable type ${sprint([value])}: ${typeName(value)}`);
}
