// Containers behind the log driver go first, while the agent still takes their lines: once it is gone, the driver of a
// container with lines left looks for it in ever longer pauses, and nothing but a rescue frees that container.

const BEHIND_DRIVER = new Set(['app', 'canary', 'probe']);

/** Removes all; what each removal told, in the order of `all`. */
export async function removeInOrder<Item>(
  all: readonly Item[],
  { roleOf, remove }: { roleOf(item: Item): string | undefined; remove(item: Item): Promise<boolean> },
): Promise<boolean[]> {
  const results = new Map<Item, boolean>();
  const isBehind = (item: Item): boolean => BEHIND_DRIVER.has(roleOf(item) ?? '');
  for (const wave of [all.filter(isBehind), all.filter((item) => !isBehind(item))])
    await Promise.all(wave.map(async (item) => void results.set(item, await remove(item))));
  return all.map((item) => results.get(item) ?? false);
}
