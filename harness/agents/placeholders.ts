// Placeholders of agent files: {forward} {sink} {data} {http} {shared} {config} {package}. All other braces belong to
// the agent's own language and stay: JSON, Go templates, and these very words as `${data}` or `{{data}}`.

export const PLACEHOLDERS = ['forward', 'sink', 'data', 'http', 'shared', 'config', 'package'] as const;

/** Values by placeholder. */
export type PlaceholderValues = Record<(typeof PLACEHOLDERS)[number], string>;

const PLACEHOLDER = new RegExp(`(\\$?\\{?)\\{(${PLACEHOLDERS.join('|')})\\}(\\}?)`, 'g');

/** The text with every placeholder replaced, in one pass: what a value holds is not looked at again. */
export function replacePlaceholders(text: string, values: PlaceholderValues): string {
  return text.replace(PLACEHOLDER, (whole, before: string, name: keyof PlaceholderValues, after: string) => {
    const isForeign = before.startsWith('$') || (before === '{' && after === '}');
    return isForeign ? whole : `${before}${values[name]}${after}`;
  });
}
