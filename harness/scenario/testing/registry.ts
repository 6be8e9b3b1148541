// A small registry for tests of files: parts that do nothing, with parameters like the built-in ones.

import { z } from 'zod';
import type { PartRegistry } from '../../model/engine.ts';
import type { FaultDefinition, Params, SinkDefinition } from '../../model/parts.ts';
import { duration } from '../values.ts';

/** A registry with a few faults, checkers, shapes, an app, a relay, a sink and a driver. */
export function createTestRegistry(): PartRegistry {
  const faults = [
    createFault('sink-status', z.strictObject({ status: z.int().min(200).max(599), body: z.string().optional() })),
    createFault('sink-down', z.strictObject({})),
    createFault(
      'agent-kill',
      z.strictObject({ signal: z.string().default('SIGKILL'), restartAfter: duration.optional() }),
    ),
    createFault('by-hand', readByHand),
  ];
  const checkers = [
    createChecker('feedback-loop', z.strictObject({ ownBytesPerAppByteMax: z.number().default(0.01) })),
    createChecker(
      'socket-stall',
      z.strictObject({ writeMax: duration.optional(), httpFailedMaxRatio: z.number().optional() }),
    ),
    createChecker(
      'parity',
      z.strictObject({
        lostMax: z.int().min(0).default(0),
        rejectedMax: z.int().optional(),
        duplicatedMaxRatio: z.number().optional(),
      }),
    ),
    createChecker('recovery', z.strictObject({ within: duration })),
  ];
  const shapes = ['plain', 'traefik-clf', 'traefik-json', 'peertube-2019'].map((name) => ({
    name,
    line: () => Buffer.from(name),
  }));
  return {
    faults: byName(faults),
    checkers: byName(checkers),
    shapes: byName(shapes),
    apps: byName([{ name: 'batch-job', kind: 'lines' as const, command: ['node', 'job.mjs'] }]),
    sinks: byName([createSink('my-gateway', 'relay'), createSink('my-store', 'sink')]),
    drivers: byName([{ name: 'my-driver', start: () => Promise.reject(new Error('a test never starts it')) }]),
    pluginFiles: [],
  };
}

function createFault(name: string, params: Params<unknown>): FaultDefinition {
  return {
    name,
    hop: 'sink',
    engines: ['process'],
    params,
    inject: () => undefined,
    heal: () => undefined,
    bit: () => [],
  };
}

function createChecker(
  name: string,
  params: Params<unknown>,
): { name: string; params: Params<unknown>; check: () => never } {
  return {
    name,
    params,
    check: () => {
      throw new Error('a test never judges');
    },
  };
}

function createSink(name: string, at: 'relay' | 'sink'): SinkDefinition {
  return { name, at, start: () => Promise.reject(new Error('a test never starts it')) };
}

function readByHand(raw: unknown): unknown {
  const { level } = raw as { level?: unknown };
  if (typeof level !== 'number') throw new Error('Expected `level` to be a number');
  return { level };
}

function byName<Definition extends { name: string }>(definitions: Definition[]): Map<string, Definition> {
  return new Map(definitions.map((definition) => [definition.name, definition]));
}
