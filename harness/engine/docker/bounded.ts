// Every call to the container runtime has a bound on our side: behind a log driver that does not take lines, stop,
// kill, rm and even inspect never come back. An abandoned request goes on in the daemon and is not repeated.

import { HarnessError } from '../../core/errors.ts';

/** Time allowed for a call where nothing else is said, ms. */
export const CALL_WITHIN_MS = 20_000;

/** Makes one call with its abort signal. Throws E_DOCKER_TIMEOUT after the bound, E_DOCKER_CALL for what the daemon refuses. */
export async function bounded<T>(
  what: string,
  call: (abortSignal: AbortSignal) => Promise<T>,
  withinMs: number = CALL_WITHIN_MS,
): Promise<T> {
  const aborter = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(
        new HarnessError(
          'E_DOCKER_TIMEOUT',
          `The container runtime did not answer \`${what}\` within ${withinMs / 1_000} s`,
        ),
      );
      aborter.abort();
    }, withinMs);
  });
  const called = call(aborter.signal);
  called.catch(() => undefined);
  try {
    return await Promise.race([called, late]);
  } catch (cause) {
    if (cause instanceof HarnessError) throw cause;
    throw new HarnessError('E_DOCKER_CALL', `The container runtime refused \`${what}\`: ${describeRefusal(cause)}`, {
      cause,
    });
  } finally {
    clearTimeout(timer);
  }
}

/** Status of a daemon's refusal, undefined for other errors. */
export function statusOf(error: unknown): number | undefined {
  const { statusCode, cause } = error as { statusCode?: number; cause?: unknown };
  return statusCode ?? (cause instanceof Error ? statusOf(cause) : undefined);
}

function describeRefusal(error: unknown): string {
  const { json, message } = error as { json?: { message?: string }; message?: string };
  return json?.message ?? message ?? String(error);
}
