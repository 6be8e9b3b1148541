import { expect, test } from 'vitest';
import { createRequestIdFinder, formatRequestId } from './request-id.ts';

test('the id of this run and app is found wherever it is in a path, others are not', () => {
  const find = createRequestIdFinder({ run: 'abc123', app: 'web' });
  const id = formatRequestId({ run: 'abc123', app: 'web', seq: 42 });
  expect(id).toBe('lrs1-abc123-web-42-0-00000000');
  expect(find(`/static/webseed/${id}-360.mp4?x=1`)).toEqual({ seq: 42, id });
  expect(find('/static/webseed/lrs1-abc123-media-42-0-00000000')).toBeNull();
  expect(find('/static/webseed/lrs1-zzz999-web-42-0-00000000')).toBeNull();
  expect(find('/ping')).toBeNull();
});
