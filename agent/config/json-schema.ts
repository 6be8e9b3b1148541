// The JSON Schema of the config file, for editors: made from the schema that checks the file.

import { z } from 'zod';
import { configSchema } from './schema.ts';

/** The text of docs/schema/agent-config.schema.json, ending in a newline. */
export function createConfigJsonSchema(): string {
  const schema = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' });
  return `${JSON.stringify({ title: 'The config of larsen-agent', ...schema }, null, 2)}\n`;
}
