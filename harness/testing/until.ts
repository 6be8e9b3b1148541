// Waiting in tests for what nobody announces: a process that ends, a file that appears.

const POLL_MS = 10;

/** Waits until `isTrue`, at most `withinMs`. Throws with `what` when it did not become true. */
export async function until(what: string, isTrue: () => boolean | Promise<boolean>, withinMs = 30_000): Promise<void> {
  for (const deadlineMs = performance.now() + withinMs; !(await isTrue()); ) {
    if (performance.now() > deadlineMs) throw new Error(`not within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
