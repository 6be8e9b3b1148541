// Waiting in real time, for tests of the built program and of real sockets.

/** Resolves after so many milliseconds. */
export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Asks again and again until the answer is one, and gives it. Rejects after `withinMs`. */
export async function until<Found>(find: () => Found | Promise<Found>, withinMs = 10_000): Promise<NonNullable<Found>> {
  for (const endMs = Date.now() + withinMs; ; await sleep(5)) {
    const found = await find();
    if (found) return found;
    if (Date.now() > endMs) throw new Error('it did not happen in time');
  }
}
