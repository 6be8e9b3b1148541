// The shape of an app by name: a built-in one, or one that a plugin module defines. Lines of synthetic apps are
// composed from it; http apps format their requests with it, or ask a plugin's shape for a line around the id.

import { createJiti } from 'jiti';
import { z } from 'zod';
import { HarnessError } from '../core/errors.ts';
import type { AccessFacts } from '../load/shape/access-facts.ts';
import { shapes } from '../load/shape/registry.ts';
import type { ShapeDefinition } from '../model/parts.ts';

/** A shape as apps use it. */
export interface AppShape {
  definition: ShapeDefinition;
  /** The lines of one request; `id` is what its path holds, if anything. */
  formatAccess(facts: AccessFacts, id: string | null): string[];
}

/** Finds the shape. Throws when there is none of that name. */
export async function loadAppShape({
  name,
  module,
  random,
}: {
  name: string;
  module: string | undefined;
  random: () => number;
}): Promise<AppShape> {
  const builtIn = module === undefined ? shapes.find((shape) => shape.name === name) : undefined;
  if (builtIn) return { definition: builtIn, formatAccess: builtIn.formatAccessLine };
  const definition =
    module === undefined ? undefined : (await loadPlugin(module)).find((made) => isShape(made) && made.name === name);
  if (!isShape(definition)) {
    throw new HarnessError(
      'E_SCENARIO_SHAPE',
      `There is no shape ${name}. Built in are ${shapes.map((shape) => shape.name).join(', ')}; plugins may define others.`,
    );
  }
  return { definition, formatAccess: (facts, id) => linesAround(definition, { facts, id: id ?? facts.path, random }) };
}

/** What a plugin is given here: `define…` calls that hand back what they get; the harness has checked it already. */
const larsen = {
  ...Object.fromEntries(
    ['App', 'Checker', 'Driver', 'Fault', 'Scenario', 'Shape', 'Sink'].map((part) => [
      `define${part}`,
      (definition: unknown) => definition,
    ]),
  ),
  z,
};

/** What the plugin makes. Its own `import … from 'larsen'` is answered with the same calls. */
async function loadPlugin(path: string): Promise<unknown[]> {
  const jiti = createJiti(import.meta.url, { fsCache: false, interopDefault: false, virtualModules: { larsen } });
  const { default: make } = (await jiti.import(path)) as { default: (larsen: unknown) => unknown };
  const made = await make(larsen);
  return Array.isArray(made) ? made : [made];
}

function isShape(made: unknown): made is ShapeDefinition {
  return (
    typeof made === 'object' && made !== null && 'line' in made && typeof made.line === 'function' && 'name' in made
  );
}

function linesAround(
  shape: ShapeDefinition,
  { facts, id, random }: { facts: AccessFacts; id: string; random: () => number },
): string[] {
  const shaped = shape.line({ id, seq: facts.requestCount, dueMs: facts.startedAtMs, random });
  const texts = (Array.isArray(shaped) ? shaped : [shaped]).map((piece) =>
    Buffer.from('anonymous' in piece ? piece.bytes : piece).toString(),
  );
  // The line with the id first, as it is what is recorded.
  return [...texts.filter((text) => text.includes(id)), ...texts.filter((text) => !text.includes(id))];
}
