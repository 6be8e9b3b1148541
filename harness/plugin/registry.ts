// All parts that can be named in a file, by kind and name: first those that are built in, then those of plugins.
// A name stands for one part; a plugin can't take one that is built in.

import { HarnessError } from '../core/errors.ts';
import type { PartRegistry } from '../model/engine.ts';
import type {
  AppDefinition,
  CheckerDefinition,
  DriverDefinition,
  FaultDefinition,
  ShapeDefinition,
  SinkDefinition,
} from '../model/parts.ts';
import { BUILT_IN_APPS } from '../scenario/app-kinds.ts';
import { DRIVER_NAMES } from '../scenario/driver-schema.ts';
import {
  defineApp,
  defineChecker,
  defineDriver,
  defineFault,
  defineShape,
  defineSink,
  type Part,
  type PartKind,
  readPartKind,
} from './define.ts';

/** The parts that come with larsen. */
export interface BuiltIns {
  faults?: readonly FaultDefinition[];
  checkers?: readonly CheckerDefinition[];
  shapes?: readonly ShapeDefinition[];
  apps?: readonly AppDefinition[];
  sinks?: readonly SinkDefinition[];
  drivers?: readonly DriverDefinition[];
}

/** A registry that plugins can add to. */
export interface Registry extends PartRegistry {
  /** Adds a plugin's part; `file`: the plugin, for messages. Throws E_PLUGIN_SHADOW, _TWICE or _PART. */
  add(part: unknown, file: string): void;
}

/** Names that are built in without being a definition. */
const RESERVED: Readonly<Record<PartKind, readonly string[]>> = {
  fault: [],
  checker: [],
  shape: [],
  app: Object.keys(BUILT_IN_APPS),
  sink: ['loki'],
  driver: DRIVER_NAMES,
};

/** A registry of the built-in parts. */
export function createRegistry({
  faults = [],
  checkers = [],
  shapes = [],
  apps = [],
  sinks = [],
  drivers = [],
}: BuiltIns): Registry {
  const maps = {
    fault: byName(faults.map(defineFault)),
    checker: byName(checkers.map(defineChecker)),
    shape: byName(shapes.map(defineShape)),
    app: byName(apps.map(defineApp)),
    sink: byName(sinks.map(defineSink)),
    driver: byName(drivers.map(defineDriver)),
  };
  const builtIn = new Map(
    Object.entries(maps).map(([kind, map]) => [kind, new Set([...map.keys(), ...RESERVED[kind as PartKind]])]),
  );
  const origins = new Map<Part, string>();
  return {
    faults: maps.fault,
    checkers: maps.checker,
    shapes: maps.shape,
    apps: maps.app,
    sinks: maps.sink,
    drivers: maps.driver,
    pluginFiles: [],
    pluginFileOf: (part) => origins.get(part as Part),
    add(value, file) {
      const kind = readPartKind(value);
      if (!kind)
        throw new HarnessError(
          'E_PLUGIN_PART',
          `${file}: expected an array of what the define calls return (larsen.defineFault(…) and so on)`,
        );
      const part = value as Part;
      if (builtIn.get(kind)!.has(part.name))
        throw new HarnessError(
          'E_PLUGIN_SHADOW',
          `${file}: the ${kind} ${JSON.stringify(part.name)} is built in. Give yours another name.`,
        );
      const map = maps[kind] as Map<string, Part>;
      const other = map.get(part.name);
      if (other)
        throw new HarnessError(
          'E_PLUGIN_TWICE',
          `${file}: the ${kind} ${JSON.stringify(part.name)} is there already, from ${origins.get(other)}. Rename one of them.`,
        );
      map.set(part.name, part);
      origins.set(part, file);
    },
  };
}

function byName<Definition extends { name: string }>(definitions: readonly Definition[]): Map<string, Definition> {
  return new Map(definitions.map((definition) => [definition.name, definition]));
}
