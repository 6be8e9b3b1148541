import { expect, it } from 'vitest';
import { removeInOrder } from './removal-order.ts';

it('removes what waits for the agent before the agent, and tells of each in its place', async () => {
  const all = ['agent', 'app', 'sink', 'canary'];
  const order: string[] = [];
  const remove = async (item: string): Promise<boolean> => {
    await null;
    order.push(item);
    return item !== 'sink';
  };
  expect(await removeInOrder(all, { roleOf: (item) => item, remove })).toEqual([true, true, false, true]);
  expect(order).toEqual(['app', 'canary', 'agent', 'sink']);
});
