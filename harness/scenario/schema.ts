// The text form of a scenario file (docs/reference.md) as a strict zod schema: one schema gives the parser, the
// editor's JSON Schema and the type of `defineScenario`. What spans several keys is checked in checks.ts, and the
// typed Scenario is made in resolve.ts.

import { z } from 'zod';
import { driverOverrideSchema } from './driver-schema.ts';
import {
  appName,
  duration,
  integerFrom,
  oneOf,
  parameters,
  perSecond,
  positiveDuration,
  size,
  sizeOrUnlimited,
  text,
} from './values.ts';

const appSchema = z.strictObject({
  type: text.meta({
    description: 'traefik (reverse proxy), peertube (media server), emitter (lines by plan), or a plugin’s app',
  }),
  backend: text.optional().meta({ description: 'The app behind this one, for proxies' }),
  shape: text
    .optional()
    .meta({ description: 'How a line looks. Default: traefik-clf, peertube-2019 or plain, by type' }),
  writes: oneOf(['blocking', 'queued']).optional().meta({
    description: 'blocking: as Traefik does; queued: as Node does on a pipe. Default by type',
  }),
  with: parameters.optional().meta({ description: 'Parameters of the app' }),
});

const limitsSchema = z.strictObject({
  grpcMessageMax: sizeOrUnlimited.optional(),
  lineMax: sizeOrUnlimited.optional(),
  ratePerSecond: sizeOrUnlimited.optional(),
  burst: sizeOrUnlimited.optional(),
  streamRatePerSecond: sizeOrUnlimited.optional(),
  streamBurst: sizeOrUnlimited.optional(),
  maxStreams: integerFrom(1).optional(),
});

const sinkSchema = z.strictObject({
  type: text.default('loki').meta({ description: 'loki (default), or a plugin’s sink' }),
  version: z
    .union([z.string(), z.number()], { error: 'a version such as "3.7" or "2019"' })
    .transform(String)
    .optional()
    .meta({
      description: '"3.7" (default) or "2019"',
    }),
  limits: limitsSchema.optional().meta({ description: 'Default: those of the version' }),
  with: parameters.optional().meta({ description: 'Parameters of a plugin’s sink' }),
});

/** The two connections that a stand-in can be put into. */
const RELAY_PLACES = ['agent..sink', 'driver..agent'] as const;

const relaySchema = z.strictObject({
  at: z.enum(RELAY_PLACES, { error: `one of ${RELAY_PLACES.join(', ')}` }),
  type: text,
  with: parameters.optional(),
});

const agentLimitsSchema = z.strictObject({ memoryMax: size.optional(), diskMax: size.optional() });

const topologySchema = z.strictObject({
  apps: z
    .record(appName, appSchema, { error: 'a map of apps by name' })
    .refine((apps) => Object.keys(apps).length > 0, { error: 'at least one app' }),
  relays: z.array(relaySchema).optional(),
  sink: sinkSchema.optional(),
  driver: driverOverrideSchema
    .optional()
    .meta({ description: 'Overrides the agent file’s driver, or names a plugin’s' }),
  agent: agentLimitsSchema.optional().meta({ description: 'Ceilings for the agent’s process and its data folder' }),
});

const ratePointSchema = z.strictObject({
  at: duration,
  perSecond,
  ramp: oneOf(['none', 'linear'])
    .optional()
    .meta({ description: 'linear: from the previous rate on, over the span that follows' }),
});

const loadSchema = z.strictObject({
  to: text.meta({ description: 'The app that gets this load' }),
  kind: oneOf(['http', 'lines']),
  path: z.string().optional().meta({ description: 'http: request path, {id} stands for the line’s id. Default /{id}' }),
  until: positiveDuration,
  rate: z.array(ratePointSchema).min(1, { error: 'at least one point, such as { at: 0s, perSecond: 50 }' }),
  sizes: z.array(size).optional().meta({ description: 'lines: sizes of whole lines, drawn from these' }),
});

const faultSchema = z.looseObject({
  at: duration.meta({ description: 'Since load start' }),
  for: positiveDuration.optional().meta({ description: 'Default: until load ends' }),
  fault: text.meta({ description: 'Name of the fault; its own parameters stand beside it' }),
});

const controlSchema = z.strictObject({
  agent: text,
  with: z.record(z.string(), z.unknown()).optional().meta({ description: 'Same keys as a profile, merged over' }),
  finds: z.array(text).optional().meta({
    description: 'checker/class or checker/class@hop of each finding that must come; none: it must stay clean',
  }),
});

const phaseLimitsSchema = z.strictObject({
  preflight: positiveDuration.optional(),
  drain: positiveDuration.optional(),
});

/** Keys that a profile and a control's `with` may set too. */
const scenarioShape = {
  title: text.meta({ description: 'One sentence: what happens' }),
  description: text.optional(),
  severity: oneOf(['critical', 'major', 'minor']).default('major'),
  suite: text.optional().meta({ description: 'default: part of `larsen run` without arguments' }),
  agent: text.optional().meta({ description: 'Default agent, by name or path' }),
  topology: topologySchema,
  load: z.array(loadSchema).min(1, { error: 'at least one load' }),
  faults: z.array(faultSchema).optional(),
  expect: z
    .record(
      z.string(),
      z.union([z.null(), z.record(z.string(), z.unknown())], { error: 'a map of the checker’s limits' }),
    )
    .optional(),
  controls: z.array(controlSchema).optional(),
  limits: phaseLimitsSchema
    .optional()
    .meta({ description: 'Bounds of the phases before and after load, 30s each by default' }),
};

/** A scenario file. */
export const scenarioSchema = z.strictObject({
  ...scenarioShape,
  profiles: z
    .record(z.string(), z.record(z.string(), z.unknown(), { error: 'a map with the keys of a scenario' }))
    .optional()
    .meta({ description: 'Named variants: the same keys, merged over; maps deep, lists replaced' }),
});

/** A scenario as a file or `defineScenario` says it. */
export type ScenarioInput = z.input<typeof scenarioSchema>;

/** A scenario file parsed key by key, before defaults that depend on other keys. */
export type ParsedScenario = z.output<typeof scenarioSchema>;
