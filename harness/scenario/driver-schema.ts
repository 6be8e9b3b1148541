// The `driver` and `self` blocks of agent files and the scenario's `topology.driver` (docs/reference.md,
// "Driver keys"): the log driver in front of the agent, with Docker's own defaults.

import { z } from 'zod';
import { parseSize } from '../core/units.ts';
import type { DriverSpec } from '../model/scenario.ts';
import { integerFrom, oneOf, parameters, positiveDuration, text } from './values.ts';

/** Docker versions whose log drivers can be emulated: their meaning of async, queue and timeouts differ. */
export const DOCKER_VERSIONS = ['18.09', '20.10', '28', '29'] as const;

/** The log drivers that come with it. */
export const DRIVER_NAMES = ['fluentd', 'syslog', 'json-file', 'local', 'none'] as const;

/** Those that an agent's own output may go to, and that every engine has. */
export const SELF_NAMES = ['fluentd', 'json-file', 'local', 'none'] as const;

const BUFFER_LIMIT_TEXT = 'a number (bytes up to 18.09, messages later), such as 1048576';
const OPTION_TEXT = 'a text in quotes, as in daemon.json';

const docker = z.enum(DOCKER_VERSIONS, {
  error: `one of these Docker versions, in quotes: ${DOCKER_VERSIONS.map((version) => `"${version}"`).join(', ')}`,
});

const bufferLimit = z.union(
  [
    integerFrom(1),
    z
      .string()
      .regex(/^\d+(B|KiB|MiB|GiB|KB|MB|GB)$/)
      .transform((size) => parseSize(size)!),
  ],
  {
    error: BUFFER_LIMIT_TEXT,
  },
);

/** Keys of a driver beside its name. */
const driverShape = {
  docker: docker.optional().meta({ description: 'The behaviour to emulate. Default "20.10"' }),
  address: oneOf(['unix', 'tcp']).optional(),
  async: z.boolean({ error: 'true or false' }).optional().meta({ description: 'Default false, as in Docker' }),
  mode: oneOf(['blocking', 'non-blocking']).optional(),
  bufferLimit: bufferLimit.optional().meta({ description: 'bytes up to 18.09, messages later. Default 1048576' }),
  retryWait: positiveDuration.optional().meta({ description: 'Default 1s' }),
  options: z
    .record(z.string(), z.string({ error: OPTION_TEXT }))
    .optional()
    .meta({
      description: 'Docker’s log-opts verbatim; they win over the short forms',
    }),
};

/** `driver:` of an agent file. */
export const driverSchema = z.strictObject({ name: oneOf(DRIVER_NAMES).optional(), ...driverShape });

/** `self:` of an agent file: where its own stdout and stderr go. */
export const selfSchema = z.strictObject({ driver: oneOf(SELF_NAMES), ...driverShape });

/** `topology.driver` of a scenario. */
export const driverOverrideSchema = z.strictObject({
  name: oneOf(DRIVER_NAMES).optional(),
  ...driverShape,
  type: text.optional().meta({ description: 'A plugin’s driver' }),
  with: parameters.optional().meta({ description: 'Parameters of a plugin’s driver' }),
});

/** Docker's defaults. */
export const DRIVER_DEFAULTS: DriverSpec = {
  name: 'fluentd',
  docker: '20.10',
  address: 'unix',
  async: false,
  mode: 'blocking',
  bufferLimit: 1_048_576,
  retryWaitMs: 1_000,
  options: {},
};

type ParsedDriver = Omit<z.output<typeof driverSchema>, 'name'>;

/** The keys of a driver that were set, in the words of the model. */
export function resolveDriver(parsed: ParsedDriver): Partial<DriverSpec> {
  const { docker, address, async, mode, bufferLimit, retryWait, options } = parsed;
  const spec = { docker, address, async, mode, bufferLimit, retryWaitMs: retryWait, options };
  return Object.fromEntries(Object.entries(spec).filter(([, value]) => value !== undefined)) as Partial<DriverSpec>;
}
