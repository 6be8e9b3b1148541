// The rewrite of an agent's config as people read it: a unified-like diff with secrets redacted. Placeholders hold no
// line breaks, so both texts have the same lines and a line by line comparison is the whole truth.

const SECRET_KEY =
  /((?:^|[\s"'{,<])[\w.-]*(?:password|passwd|passphrase|secret|token|shared_?key|api_?key|credentials?|authorization)[\w.-]*["']?\s*(?:[:=]>?|\s)\s*)("[^"\n]*"|'[^'\n]*'|[^\s,}\]>][^,}\]\n]*)/gi;
const URL_PASSWORD = /(\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:)[^\s/@]+@/gi;

/** The text with the values of secret-looking keys and the passwords in URLs replaced by `***`. */
export function redactSecrets(text: string): string {
  return text.replace(SECRET_KEY, '$1***').replace(URL_PASSWORD, '$1***@');
}

/** A diff of two texts of equally many lines; empty when they are equal. */
export function describeRewrite({ name, before, after }: { name: string; before: string; after: string }): string {
  const [old, rewritten] = [before, after].map((text) => redactSecrets(text).split('\n')) as [string[], string[]];
  const hunks: string[] = [];
  for (const [index, line] of rewritten.entries()) {
    const was = old[index];
    if (was !== line) hunks.push(`@@ -${index + 1} +${index + 1} @@`, `-${was ?? ''}`, `+${line}`);
  }
  return hunks.length === 0 ? '' : [`--- ${name}`, `+++ ${name} (this run)`, ...hunks, ''].join('\n');
}
