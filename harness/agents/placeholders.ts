// Placeholders of agent files: {forward} {sink} {data} {http} {shared} {config} {package}, and the parts of the two
// addresses for agents that take no URL, such as {forward.path}. All other braces belong to the agent's own language and
// stay: JSON, Go templates, and these very words as `${data}` or `{{data}}`.

import { HarnessError } from '../core/errors.ts';

/** Parts of an address, by the placeholder of the whole. */
const PARTS = ['forward.path', 'forward.host', 'forward.port', 'sink.host', 'sink.port'] as const;
export const PLACEHOLDERS = ['forward', 'sink', 'data', 'http', 'shared', 'config', 'package', ...PARTS] as const;

/** Values by placeholder; null: an address of this kind has no such part. */
export type PlaceholderValues = Record<(typeof PLACEHOLDERS)[number], string | null>;

const NAMES = PLACEHOLDERS.join('|').replaceAll('.', '\\.');
const PLACEHOLDER = new RegExp(`(\\$?\\{?)\\{(${NAMES})\\}(\\}?)`, 'g');

/**
 * The text with every placeholder replaced, in one pass: what a value holds is not looked at again. Throws
 * `E_AGENT_PLACEHOLDER` for a part that the address does not have.
 */
export function replacePlaceholders(text: string, values: PlaceholderValues): string {
  return text.replace(PLACEHOLDER, (whole, before: string, name: keyof PlaceholderValues, after: string) => {
    const isForeign = before.startsWith('$') || (before === '{' && after === '}');
    return isForeign ? whole : `${before}${values[name] ?? noPart(name)}${after}`;
  });
}

/** The parts of both addresses. */
export function splitAddresses({
  forward,
  sink,
}: {
  forward: string;
  sink: string;
}): Pick<PlaceholderValues, (typeof PARTS)[number]> {
  const from = new URL(forward);
  const to = new URL(sink);
  const isUnix = from.protocol === 'unix:';
  return {
    'forward.path': isUnix ? decodeURIComponent(from.pathname) : null,
    'forward.host': isUnix ? null : from.hostname,
    'forward.port': isUnix ? null : from.port,
    'sink.host': to.hostname || null,
    'sink.port': to.port || null,
  };
}

function noPart(name: keyof PlaceholderValues): never {
  const advice =
    name === 'forward.path'
      ? '`driver.address` is tcp: use {forward.host} and {forward.port}, or `address: unix`'
      : name.startsWith('forward')
        ? '`driver.address` is unix: use {forward.path}, or `address: tcp`'
        : 'the address of this sink has no such part: use {sink}';
  throw new HarnessError('E_AGENT_PLACEHOLDER', `{${name}} stands for nothing here: ${advice}`);
}
