// What conform.ts answers is what is published: by an example of its type, and by what is refused.

import { expect, it } from 'vitest';
import { conformanceSchema } from '../../scenario/conformance-schema.ts';
import type { Conformance } from './conform.ts';

const row = { id: 'ack', title: 'acknowledges', must: true, verdict: 'no', seen: 'no answer in 10 s' } as const;
const answer: Conformance = { schema: 1, agent: 'mine', protocol: 'forward', verdict: 'invalid', rows: [row] };

it('takes what is printed', () => {
  expect(conformanceSchema.parse([answer])).toEqual([answer]);
});

it.each(Object.keys(answer))('needs %s', (key) => {
  expect(conformanceSchema.safeParse([{ ...answer, [key]: undefined }]).success).toBe(false);
});

it.each(Object.keys(row))('needs %s in a row', (key) => {
  expect(conformanceSchema.safeParse([{ ...answer, rows: [{ ...row, [key]: undefined }] }]).success).toBe(false);
});
