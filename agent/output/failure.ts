// How a failure without an answer is called, and what it means for a batch.

import type { PushVerdict } from '../model.ts';

/** The system's name of the failure (ECONNREFUSED): short, and from a small set, so that it can be a label. */
export function describeFailure(error: unknown): string {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' && /^[A-Z_0-9]{1,40}$/.test(code) ? code : 'error';
}

/** TLS that does not come about because of who the far end is, or of what is spoken: only another setting helps. */
const TLS_FAILURE =
  /^(CERT_|ERR_TLS_|ERR_SSL_|EPROTO$|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA|PATH_LENGTH_EXCEEDED)/;

/** What became of a push that has no answer. `missing` says what did not come, such as `no answer`. */
export function readFailure(
  error: unknown,
  missing: string,
  signal: AbortSignal,
): { verdict: PushVerdict; status: string } {
  const status = signal.aborted ? 'timeout' : describeFailure(error);
  const why = `${missing}: ${status}`;
  if (!TLS_FAILURE.test(status))
    return { status, verdict: { kind: 'retry', code: 'W_PUSH_RETRY', why, throttled: false } };
  return { status, verdict: { kind: 'blocked', code: 'W_SINK_TLS', why: `${why}; check the output's url and tls` } };
}
