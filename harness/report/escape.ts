// Text of a report may come from the agent under test, from a sink's refusal or from a stranger's file names: it is
// hostile. Nothing is redacted; every format makes it harmless in its own way, and all of them first make what
// cannot be seen visible (terminal escapes, bidirectional overrides, zero-width and non-characters).

// C0 (but tab and newline), DEL and C1, which holds the 8-bit CSI; bidi controls and isolates, zero-width and
// line/paragraph separators; the byte order mark, non-characters, tags (invisible ASCII) and unpaired surrogates.
const INVISIBLE =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff\u{e0000}-\u{e007f}]|\p{Surrogate}|\p{Noncharacter_Code_Point}/gu;

/** The text with every invisible or terminal-controlling character written out, e.g. `\x1b`. Tab and newline stay. */
export function makeVisible(text: string): string {
  return text.replace(INVISIBLE, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`;
    return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

/** As makeVisible, on one line: newlines and tabs become one blank. */
export function makeOneLine(text: string): string {
  return makeVisible(text.replace(/\r\n/g, '\n')).replace(/[\n\t]+/g, ' ');
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Safe as text and as a quoted attribute of HTML. */
export function escapeHtml(text: string): string {
  return makeVisible(text).replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}

/** Safe as text and as a quoted attribute of XML 1.0; holds valid XML characters only. */
export function escapeXml(text: string): string {
  return makeVisible(text)
    .replace(/[&<>"']/g, (character) => ENTITIES[character]!)
    .replace(/[\n\t]/g, (character) => (character === '\n' ? '&#10;' : '&#9;'));
}

/** Safe in running Markdown text and in table cells: shows as written, makes no link and mentions nobody. */
export function escapeMarkdown(text: string): string {
  return (
    makeOneLine(text)
      .replace(/[&<>]/g, (character) => ENTITIES[character]!)
      .replace(/[\\`*_{}[\]()#!|~$^]/g, (character) => `\\${character}`)
      // Only at the start of a line would these make a list or a heading.
      .replace(/^(\s*)([-+=])/, '$1\\$2')
      .replace(/^(\s*\d+)\.(?=\s|$)/, '$1\\.')
      .replace(/:(?=\/\/)|@|(?<=\bwww)\.|(?<=#)(?=\d)/gi, (character) => `${character}<!-- -->`)
  );
}

/** A Markdown code span for a table cell or running text: nothing in it is markup. */
export function markdownCode(text: string): string {
  const shown = makeOneLine(text).replaceAll('|', '\u2758') || ' ';
  const longestRun = Math.max(0, ...(shown.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longestRun + 1);
  const pad = longestRun > 0 ? ' ' : '';
  return `${fence}${pad}${shown}${pad}${fence}`;
}

/** JSON that can stand inside a `<script>` element of an HTML page. */
export function scriptJson(value: unknown): string {
  return JSON.stringify(value).replace(/[<>&\u007f-\u009f\u2028\u2029]/g, unicodeEscape);
}

/** Turns what JSON leaves raw but a terminal obeys (DEL, C1) or JavaScript once read as newlines into \\u escapes. */
export function hardenJson(json: string): string {
  return json.replace(/[\u007f-\u009f\u2028\u2029]/g, unicodeEscape);
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** One argument of a POSIX shell, quoted only where it must be. */
export function shellArgument(text: string): string {
  const shown = makeOneLine(text);
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(shown) ? shown : `'${shown.replaceAll("'", `'\\''`)}'`;
}
