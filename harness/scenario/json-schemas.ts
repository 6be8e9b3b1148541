// The JSON Schemas of docs/schema, made from the zod schemas that parse and check.

import { z } from 'zod';
import { agentSchema } from './agent-schema.ts';
import { comparisonSchema } from './comparison-schema.ts';
import { configSchema } from './config-schema.ts';
import { ledgerEntrySchema, resultSchema } from './result-schema.ts';
import { scenarioSchema } from './schema.ts';

/** File name → text, ending in a newline. */
export function createJsonSchemas(): Record<string, string> {
  return {
    'scenario.schema.json': describeSchema(scenarioSchema, 'A larsen scenario file'),
    'agent.schema.json': describeSchema(agentSchema, 'A larsen agent file'),
    'config.schema.json': describeSchema(configSchema, 'larsen.config'),
    'result.schema.json': describeSchema(resultSchema, 'result.json of a larsen run'),
    'comparison.schema.json': describeSchema(comparisonSchema, 'comparison.json of larsen compare'),
    'ledger.schema.json': describeSchema(
      ledgerEntrySchema,
      'One line of ledger.jsonl: a line that was not stored exactly once',
    ),
  };
}

function describeSchema(schema: z.ZodType, title: string): string {
  return `${JSON.stringify({ title, ...z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) }, null, 2)}\n`;
}
