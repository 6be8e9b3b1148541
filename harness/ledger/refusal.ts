// Is a refusal one of this very line, or of the whole push? Loki stores the valid lines of a push that it answers
// with 400, so only the text (or the fate of the line's neighbours) tells; retryable answers refuse nothing.

/** What the text of a refusal says about single lines; null when it names no line error. */
export function describeLineError(text: string): string | null {
  for (const [pattern, reason] of LINE_ERRORS) if (pattern.test(text)) return reason;
  return null;
}

/** Whether the sender is expected to push the same lines again: too many, server errors, no answer at all. */
export function isRetryable(status: number): boolean {
  return status === 0 || status === 408 || status === 425 || status === 429 || status >= 500;
}

/** Whether the receiver took the push. */
export function isAccepted(status: number): boolean {
  return status >= 200 && status < 300;
}

const LINE_ERRORS: [RegExp, string][] = [
  [/max entry size/i, 'line too long'],
  [/timestamp too old|too far behind/i, 'line too old'],
  [/timestamp too new/i, 'line too new'],
  [/out of order/i, 'line out of order'],
  [
    /label name too long|label value too long|duplicate label name|label names; limit|parsing labels|parse labels|at least one label pair/i,
    'bad label',
  ],
  [/structured metadata/i, 'bad metadata'],
];
