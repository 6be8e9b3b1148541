import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createConfigJsonSchema } from './json-schema.ts';
import { configSchema } from './schema.ts';

test('docs/schema/agent-config.schema.json is up to date (npm run docs:pages)', () => {
  const published = new URL('../../docs/schema/agent-config.schema.json', import.meta.url);
  expect(readFileSync(published, 'utf8')).toBe(createConfigJsonSchema());
});

test('it names every section, and is as strict as the agent', () => {
  const schema = JSON.parse(createConfigJsonSchema());
  expect(Object.keys(schema.properties)).toEqual(Object.keys(configSchema.shape));
  expect([schema.required, schema.additionalProperties]).toEqual([['inputs', 'outputs'], false]);
  expect(schema.properties.inputs.items.oneOf).toHaveLength(5);
  expect(schema.properties.outputs.items.oneOf).toHaveLength(8);
});
