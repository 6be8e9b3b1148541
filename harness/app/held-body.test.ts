import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createHeldBody } from './held-body.ts';

test('what was sent and what is held are the body, and the held end is at most the buffer of 4 KiB, never empty', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 50, max: 600 }),
      fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1, maxLength: 8 }),
      (headBytes, sizes) => {
        const sent: Buffer[] = [];
        const body = createHeldBody({ headBytes, send: (bytes) => void sent.push(Buffer.from(bytes)) });
        const chunks = sizes.map((size, index) => Buffer.alloc(size, index + 1));
        for (const chunk of chunks) body.push(chunk);
        const rest = body.rest();
        expect(Buffer.concat([...sent, rest]).equals(Buffer.concat(chunks))).toBe(true);
        expect(rest.length).toBeGreaterThan(0);
        const total = headBytes + sizes.reduce((sum, size) => sum + size, 0);
        if (total <= 4_096) expect(sent).toEqual([]);
        else expect(rest.length).toBeLessThanOrEqual(4_096);
      },
    ),
  );
});
