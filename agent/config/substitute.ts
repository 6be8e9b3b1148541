// Puts environment variables into the texts of a parsed config: ${NAME}, or ${NAME:-default} where it may be missing or
// empty. `$${` stands for a plain `${`. It works on values, after parsing: a value cannot change the structure.

import { AgentError } from '../errors.ts';

/** A copy of `value` with all texts filled in. Throws `E_CONFIG_ENV` naming the variable and the place. */
export function substitute(value: unknown, env: Readonly<Record<string, string | undefined>>, path = ''): unknown {
  if (typeof value === 'string') return fill(value, env, path);
  if (Array.isArray(value)) return value.map((item, i) => substitute(item, env, `${path}[${i}]`));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, substitute(item, env, path === '' ? key : `${path}.${key}`)]),
  );
}

function fill(text: string, env: Readonly<Record<string, string | undefined>>, path: string): string {
  return text.replace(
    /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g,
    (whole, name: string | undefined, fallback: string | undefined) => {
      if (name === undefined) return '${';
      const found = env[name];
      if (found !== undefined && (found !== '' || fallback === undefined)) return found;
      if (fallback !== undefined) return fallback;
      throw new AgentError(
        'E_CONFIG_ENV',
        `\`${path}\` asks for the environment variable ${name}, which is not set: set it, or give a default as in ${whole.slice(0, -1)}:-value}`,
      );
    },
  );
}
