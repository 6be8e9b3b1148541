// Go's regular expressions (RE2), as `labels-regex` and `env-regex` take them: the same as ours but for flags at the
// front, the anchors \A and \z, names of groups and classes, and what RE2 refuses because it cannot run in linear time.

const FLAGS = /^\(\?([imsU]+)\)/;
const UNSUPPORTED = /\(\?(?:=|!|<=|<!)/;
const BACK_REFERENCE = /\\[1-9]/;
const ANCHORS: Record<string, string> = { '\\A': '^', '\\z': '$' };
const CLASSES: Record<string, string> = {
  ...{ alnum: 'A-Za-z0-9', alpha: 'A-Za-z', digit: '0-9', lower: 'a-z', upper: 'A-Z', word: '\\w', space: '\\s' },
  ...{ punct: '!-\\/:-@[-`{-~', xdigit: '0-9A-Fa-f', blank: ' \\t' },
};

/** The pattern as ours. Throws Go's text for what it refuses. */
export function parseGoPattern(text: string): RegExp {
  const bare = text.replace(/\\\\/g, '');
  const perl = UNSUPPORTED.exec(bare)?.[0];
  if (perl !== undefined) throw new Error(`error parsing regexp: invalid or unsupported Perl syntax: \`${perl}\``);
  const reference = BACK_REFERENCE.exec(bare)?.[0];
  if (reference !== undefined) throw new Error(`error parsing regexp: invalid escape sequence: \`${reference}\``);
  const flags = FLAGS.exec(text);
  const source = (flags ? text.slice(flags[0].length) : text)
    .replaceAll('(?P<', '(?<')
    .replace(/\\./gs, (all) => ANCHORS[all] ?? all)
    .replace(/\[:(\w+):\]/g, (all, name: string) => CLASSES[name] ?? all);
  try {
    return new RegExp(source, (flags?.[1] ?? '').replace('U', ''));
  } catch {
    throw new Error(`error parsing regexp: larsen cannot read \`${text}\``);
  }
}
