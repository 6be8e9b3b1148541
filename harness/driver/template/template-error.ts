// What Go says of a template that it cannot parse or execute, word for word: `docker start` shows it to the user.

/** A template that Docker would refuse; the message is Go's own. */
export class TemplateError extends Error {}

/** The name under which Docker parses a tag. */
export const TEMPLATE_NAME = 'log-tag';

/** Throws Go's error for a template that does not parse. */
export function failParse(text: string, line: number): never {
  throw new TemplateError(`template: ${TEMPLATE_NAME}:${line}: ${text}`);
}

/** Throws Go's error for what fails while `node` is evaluated. */
export function failAt(node: { position: number; source: string }, input: string, text: string): never {
  const before = Buffer.from(input).subarray(0, node.position).toString();
  const line = before.split('\n').length;
  const column = Buffer.byteLength(before.slice(before.lastIndexOf('\n') + 1));
  const where = `${TEMPLATE_NAME}:${line}:${column}`;
  throw new TemplateError(`template: ${where}: executing "${TEMPLATE_NAME}" at <${node.source}>: ${text}`);
}

/** A text as Go's `%q` prints it. */
export function quoteGo(text: string): string {
  const escapes: Record<string, string> = { '\n': '\\n', '\t': '\\t', '\r': '\\r', '"': '\\"', '\\': '\\\\' };
  return `"${text.replace(/[\u0000-\u001f"\\\u007f]/g, (char) => escapes[char] ?? hex(char))}"`;
}

const NAMED: Record<string, string> = { '\u0007': '\\a', '\b': '\\b', '\f': '\\f', '\v': '\\v' };

function hex(char: string): string {
  return NAMED[char] ?? `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`;
}
