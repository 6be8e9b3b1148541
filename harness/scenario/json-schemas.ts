// The JSON Schemas of docs/schema, made from the zod schemas that parse and check.

import { z } from 'zod';
import type { CheckerDefinition } from '../model/parts.ts';
import { agentSchema } from './agent-schema.ts';
import { comparisonSchema } from './comparison-schema.ts';
import { configSchema } from './config-schema.ts';
import { conformanceSchema } from './conformance-schema.ts';
import { ledgerEntrySchema, resultSchema } from './result-schema.ts';
import { scenarioSchema } from './schema.ts';

/** File name → text, ending in a newline. Below `expect` these checkers have the keys of their own schemas. */
export function createJsonSchemas(
  checkers: Iterable<Pick<CheckerDefinition, 'name' | 'params'>>,
): Record<string, string> {
  return {
    'scenario.schema.json': writeSchema({
      title: 'A larsen scenario file',
      ...describeScenario(z.toJSONSchema(scenarioSchema, OPTIONS) as ObjectSchema, checkers),
    }),
    'agent.schema.json': describeSchema(agentSchema, 'A larsen agent file'),
    'config.schema.json': describeSchema(configSchema, 'larsen.config'),
    'result.schema.json': describeSchema(resultSchema, 'result.json of a larsen run'),
    'comparison.schema.json': describeSchema(comparisonSchema, 'comparison.json of larsen compare'),
    'conformance.schema.json': describeSchema(conformanceSchema, 'What larsen conformance --json prints'),
    'ledger.schema.json': describeSchema(
      ledgerEntrySchema,
      'One line of ledger.jsonl: a line that was not stored exactly once',
    ),
  };
}

const OPTIONS = { io: 'input', unrepresentable: 'any' } as const;

interface ObjectSchema {
  properties: Record<string, object>;
}

/** Limits of checkers that are not known here, a plugin's, stay a free map. */
function describeScenario(
  scenario: ObjectSchema,
  checkers: Iterable<Pick<CheckerDefinition, 'name' | 'params'>>,
): ObjectSchema {
  const known = [...checkers].flatMap(({ name, params }) => {
    const { schema } = params as { schema?: unknown };
    const own = schema instanceof z.ZodType ? schema : params instanceof z.ZodType ? params : null;
    if (own === null) return [];
    const { $schema: _dialect, ...limits } = z.toJSONSchema(own, OPTIONS);
    return [[name, { anyOf: [{ type: 'null' }, limits] }]];
  });
  const expect = { ...scenario.properties.expect, properties: Object.fromEntries(known) };
  return { ...scenario, properties: { ...scenario.properties, expect } };
}

function describeSchema(schema: z.ZodType, title: string): string {
  return writeSchema({ title, ...z.toJSONSchema(schema, OPTIONS) });
}

function writeSchema(schema: object): string {
  return `${JSON.stringify(schema, null, 2)}\n`;
}
