// The one error class of the harness. A stable code for machines, a sentence that says what to do next for
// people, the cause kept. What the agent under test does wrong is data (an event), never one of these.

/** Codes with exit status 254: the caller gave bad arguments or files. Every other code exits with 255. */
const BAD_INPUT = /^E_(ARGUMENT|SCENARIO|AGENT|CONFIG|PLUGIN|RUN_FOLDER)_/;

/** An error with a stable `code` (listed in docs/errors.md) and a message that names the remedy. */
export class HarnessError extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'HarnessError';
    this.code = code;
  }

  /** Process exit status by contract: 254 for bad arguments or files, 255 when the harness itself broke. */
  get exitCode(): 254 | 255 {
    return BAD_INPUT.test(this.code) ? 254 : 255;
  }
}

/** One line for people: message of the error and of its causes, without stacks. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : ` (${describeError(error.cause)})`;
  return `${error.message}${cause}`;
}
