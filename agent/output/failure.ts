// How a failure without an answer is called.

/** The system's name of the failure (ECONNREFUSED): short, and from a small set, so that it can be a label. */
export function describeFailure(error: unknown): string {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' && /^[A-Z_0-9]{1,40}$/.test(code) ? code : 'error';
}
