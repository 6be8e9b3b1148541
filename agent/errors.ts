// The failures that stop the agent or end a call, each with a code that scripts may match on.
// Trouble with a single record is never an exception: it is counted, and the agent goes on.

/** The stable codes of {@link AgentError}; each names one thing that the reader can do something about. */
export type AgentErrorCode =
  | 'E_ARGUMENTS'
  | 'E_CONFIG_READ'
  | 'E_CONFIG_SYNTAX'
  | 'E_CONFIG_INVALID'
  | 'E_CONFIG_ENV'
  | 'E_LISTEN'
  | 'E_BUFFER'
  | 'E_BUFFER_LOCKED'
  | 'E_DEAD_LETTERS'
  | 'E_HTTP_LISTEN'
  | 'E_INTERNAL';

/** An error with a stable `code`, a sentence that says what to do next, and the `cause` where there is one. */
export class AgentError extends Error {
  override readonly name = 'AgentError';
  /** What went wrong, stable between versions. */
  readonly code: AgentErrorCode;

  constructor(code: AgentErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  /** The exit code that belongs to it: 254 for what the caller can put right, 255 for a fault of the agent. */
  get exitCode(): number {
    return this.code === 'E_INTERNAL' ? 255 : 254;
  }
}

/** `E_BUFFER`: the folder of a disk buffer cannot be used. */
export function bufferError(folder: string, cause: unknown): AgentError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const remedy = 'make the folder writable for this user, or choose another `buffer.path`';
  return new AgentError('E_BUFFER', `cannot use ${folder} for the disk buffer: ${code ?? message}; ${remedy}`, {
    cause,
  });
}

/** The operating system's name for what went wrong, such as `ENOENT`; `error` where it has none. */
export function systemCodeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'error';
}
