// The log driver as it already stands in a user's set-up: `log-driver` and `log-opts` of daemon.json, or `logging:` of a
// compose service. Nobody has to retype it, and nobody can retype it wrongly.

import { readFileSync } from 'node:fs';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { HarnessError } from '../core/errors.ts';
import type { AgentSpec } from '../model/agent.ts';
import type { SetUpOptions } from '../model/run-options.ts';
import type { DriverSpec } from '../model/scenario.ts';
import { DRIVER_DEFAULTS, SELF_NAMES } from './driver-schema.ts';
import { suggest } from './nearest.ts';

/** A driver and its options as they stand in a file. */
export interface DockerSetUp {
  form: 'daemon-json' | 'compose';
  file: string;
  /** The compose service. */
  service: string | null;
  driver: DriverSpec['name'];
  /** Docker's log-opts verbatim. */
  options: Record<string, string>;
}

/** Reads what the options name; null when they name nothing. Throws E_ARGUMENT_SET_UP. */
export function readSetUp(
  { daemonJson, compose, service }: SetUpOptions,
  env: Readonly<Record<string, string | undefined>>,
): DockerSetUp | null {
  const daemon = daemonJson === null ? null : readDaemonJson(daemonJson);
  if (compose === null) return daemon;
  return readComposeService(compose, { service, env }) ?? daemon ?? dockersDefault(compose, service!);
}

/**
 * The agent behind that driver: everything but the Docker version and the kind of address follows the file. With
 * daemon.json, whose driver is the default of every container, the agent's own output goes there too unless its file says otherwise.
 */
export function applySetUp(agent: AgentSpec, setUp: DockerSetUp): AgentSpec {
  const { 'fluentd-address': address, ...options } = setUp.options;
  const driver: DriverSpec = {
    ...DRIVER_DEFAULTS,
    name: setUp.driver,
    docker: agent.driver.docker,
    address: address === undefined ? agent.driver.address : address.startsWith('unix:') ? 'unix' : 'tcp',
    options,
  };
  const isSelfOpen = setUp.form === 'daemon-json' && agent.isSelfSet !== true;
  return { ...agent, driver, self: isSelfOpen ? driver : agent.self, setUp: { ...setUp, options } };
}

const LOG_OPTS_TEXT = 'a map of texts, such as {"fluentd-async": "true"}';
const options = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String), {
  error: LOG_OPTS_TEXT,
});
const daemonSchema = z.looseObject({ 'log-driver': z.string().optional(), 'log-opts': options.optional() });
const composeSchema = z.looseObject({
  services: z.record(
    z.string(),
    z.looseObject({ logging: z.looseObject({ driver: z.string().optional(), options: options.nullish() }).optional() }),
  ),
});

function readDaemonJson(file: string): DockerSetUp {
  const parsed = parseFile(file, daemonSchema, JSON.parse);
  return {
    form: 'daemon-json',
    file,
    service: null,
    driver: readDriver(parsed['log-driver'] ?? 'json-file', `${file}: \`log-driver\``),
    options: parsed['log-opts'] ?? {},
  };
}

/** null: the service says nothing of logging, so the daemon's default holds. */
function readComposeService(
  file: string,
  { service, env }: { service: string | null; env: Readonly<Record<string, string | undefined>> },
): DockerSetUp | null {
  const { services } = parseFile(file, composeSchema, (text) => parseYaml(text, { merge: true }) as unknown);
  const names = Object.keys(services);
  if (service === null)
    throw createSetUpError(`\`--compose ${file}\` needs \`--service\`: which of ${names.join(', ')} writes the logs?`);
  const found = Object.hasOwn(services, service) ? services[service] : undefined;
  if (!found)
    throw createSetUpError(`${file}: there is no service ${JSON.stringify(service)}.${suggest(service, names)}`);
  const { logging } = found;
  if (!logging) return null;
  const where = `${file}: \`services.${service}.logging`;
  const fill = (text: string, key: string): string => interpolate(text, { env, where: `${where}.${key}\`` });
  return {
    form: 'compose',
    file,
    service,
    driver: readDriver(fill(logging.driver ?? 'json-file', 'driver'), `${where}.driver\``),
    options: Object.fromEntries(
      Object.entries(logging.options ?? {}).map(([key, value]) => [key, fill(value, `options.${key}`)]),
    ),
  };
}

function dockersDefault(file: string, service: string): DockerSetUp {
  return { form: 'compose', file, service, driver: 'json-file', options: {} };
}

function readDriver(name: string, where: string): DriverSpec['name'] {
  const known = SELF_NAMES.find((driver) => driver === name);
  if (known) return known;
  throw createSetUpError(
    `${where} is ${JSON.stringify(name)}; larsen knows ${SELF_NAMES.join(', ')}. Others need a plugin's driver.`,
  );
}

/** Compose's `${NAME}`, `${NAME:-default}`, `${NAME-default}` and `$NAME`; `$$` is a dollar. */
function interpolate(
  text: string,
  { env, where }: { env: Readonly<Record<string, string | undefined>>; where: string },
): string {
  return text.replaceAll(
    /\$(?:\$|\{(\w+)(?:(:?)-([^}]*))?\}|(\w+))/g,
    (match, braced?: string, colon?: string, fallback?: string, bare?: string) => {
      if (match === '$$') return '$';
      const name = braced ?? bare ?? '';
      const value = env[name];
      if (value !== undefined && !(value === '' && colon === ':')) return value;
      if (fallback !== undefined) return fallback;
      throw createSetUpError(`${where} needs the variable ${name}: set it in the environment`);
    },
  );
}

function parseFile<Parsed>(file: string, schema: z.ZodType<Parsed>, parse: (text: string) => unknown): Parsed {
  let raw: unknown;
  try {
    raw = parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw createSetUpError(`${file} can't be read: ${(cause as Error).message.split('\n')[0]}`, cause);
  }
  const read = schema.safeParse(raw);
  if (read.success) return read.data;
  const { path, message } = read.error.issues[0]!;
  throw createSetUpError(`${file}: \`${path.join('.')}\`: ${message}`);
}

function createSetUpError(message: string, cause?: unknown): HarnessError {
  return new HarnessError('E_ARGUMENT_SET_UP', message, { cause });
}
