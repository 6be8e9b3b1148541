// What run.json must hold to be judged again or run again. Keys that later versions add are kept; what is there and of
// another kind is told with its path, because a run folder may come from anywhere.

import { z } from 'zod';

const text = z.string();
const number = z.number();
const map = z.record(z.string(), z.unknown());

const driver = z.looseObject({
  ...{ name: text, docker: text, address: text, async: z.boolean(), mode: text, bufferLimit: number },
  ...{ retryWaitMs: number, options: z.record(z.string(), z.string()) },
});

const app = z.looseObject({ name: text, type: text, backend: text.nullable(), shape: text, writes: text, with: map });

const topology = z.looseObject({
  apps: z.record(z.string(), app),
  relays: z.array(z.looseObject({ at: text, type: text, with: map })),
  // JSON has no Infinity: limits that a version does not have are null.
  sink: z.looseObject({ type: text, version: text, limits: z.record(z.string(), number.nullable()), with: map }),
  driver: map,
  agent: z.looseObject({ memoryMaxBytes: number.nullable(), diskMaxBytes: number.nullable() }),
});

const load = z.looseObject({
  ...{ to: text, kind: text, path: text, untilMs: number, sizesBytes: z.array(number) },
  rate: z.array(z.looseObject({ atMs: number, perSecond: number, ramp: text })),
});

const scenario = z.looseObject({
  ...{ id: text, file: text, title: text, severity: z.enum(['critical', 'major', 'minor']) },
  ...{ description: text.optional(), suite: text.nullable(), agent: text.nullable(), profile: text.nullable() },
  topology,
  load: z.array(load),
  faults: z.array(z.looseObject({ atMs: number, forMs: number.nullable(), fault: text, params: map })),
  expect: z.record(z.string(), map),
  controls: z.array(z.looseObject({ agent: text, with: map, finds: z.array(text) })),
  limits: z.looseObject({ preflightMs: number, drainMs: number }),
});

const agent = z.looseObject({
  ...{ name: text, agent: text, file: text.nullable(), folder: text, image: text.nullable() },
  ...{ configText: text.nullable(), configFile: text.nullable(), health: text.nullable(), metrics: text.nullable() },
  process: z.looseObject({
    ...{ command: z.array(text), env: z.record(z.string(), z.string()), readyWithinMs: number, drainWithinMs: number },
  }),
  ...{ driver, self: driver, line: z.looseObject({ kind: text }) },
});

const readBack = z.looseObject({
  ...{ listedEntries: number, countedEntries: number.nullable(), deliveries: number, echoes: number },
  ...{ idLessEntries: number, idLessBytes: number.optional(), phantomSamples: z.array(text) },
  ...{ foreignEntries: number.optional(), foreignBytes: number.optional() },
});

/** The form of run.json. */
export const runRecordSchema = z.looseObject({
  schema: z.literal(1),
  larsen: text,
  startedAt: text,
  plan: z.looseObject({
    ...{ scenario, agent, engine: text, seed: number, repeat: number },
    runName: z.string().regex(/^[0-9a-z]{6}$/, { error: 'six letters and digits' }),
  }),
  versions: z.record(z.string(), text),
  machine: z.looseObject({ platform: text, arch: text, cpus: number, memoryBytes: number, kernel: text }),
  digests: z.record(z.string(), text),
  loadStartNs: number.nullable(),
  loadStartWallMs: number.optional(),
  ...{ loadEndMs: number, endMs: number },
  wrapper: z.looseObject({ kind: text }),
  readBack: readBack.nullable(),
  doubts: z.array(text),
  interrupted: z.boolean(),
  selfRecordingApps: z.array(text),
  recordingHop: z.boolean(),
  images: z.array(z.looseObject({ name: text, used: text, madeHere: z.boolean() })).optional(),
});
