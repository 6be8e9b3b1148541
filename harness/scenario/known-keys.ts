// Which keys a zod schema knows at a path, read from the schema itself, so that messages can name the nearest one.
// Works over any zod 4, also a plugin's own copy.

import type { z } from 'zod';

interface Definition {
  type?: string;
  shape?: Record<string, Schema>;
  element?: Schema;
  valueType?: Schema;
  innerType?: Schema;
  in?: Schema;
  options?: Schema[];
}

interface Schema {
  _zod?: { def?: Definition };
}

/** The keys known at `path`; empty where any key or none may stand. */
export function findKnownKeys(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let at: Schema[] = [schema as unknown as Schema];
  for (const step of path) at = at.flatMap(unwrap).flatMap((inner) => stepInto(inner, step));
  return [...new Set(at.flatMap(unwrap).flatMap((inner) => Object.keys(inner._zod?.def?.shape ?? {})))];
}

/** The schemas that look at the value itself: wrappers taken off, unions spread. */
function unwrap(schema: Schema): Schema[] {
  const definition = schema._zod?.def;
  if (definition?.options) return definition.options.flatMap(unwrap);
  const inner = definition?.innerType ?? definition?.in;
  return inner ? unwrap(inner) : [schema];
}

function stepInto(schema: Schema, step: PropertyKey): Schema[] {
  const definition = schema._zod?.def;
  const next = definition?.shape?.[String(step)] ?? definition?.element ?? definition?.valueType;
  return next ? [next] : [];
}
