// What a container's logger knows of it: the tag made from a template, and the labels and environment variables
// that its log-opts add to each record.

import { hostname } from 'node:os';
import { describeError, HarnessError } from '../core/errors.ts';
import type { DriverSettings } from './options.ts';
import { renderTemplate } from './template/render.ts';
import type { Callable, GoObject, GoValue } from './template/value.ts';

/** A container as its logger sees it. */
export interface ContainerInfo {
  /** 64 hex digits. */
  id: string;
  /** Without the leading slash. */
  name: string;
  labels: Record<string, string>;
  env: Record<string, string>;
}

const SHORT_ID = 12;

/**
 * The tag of a template such as `docker.{{.Name}}`; `config` are the log-opts. Throws E_AGENT_DRIVER with the words
 * with which Docker refuses to start the container.
 */
export function renderTag(
  template: string,
  container: ContainerInfo,
  { config, extras }: { config: Record<string, string>; extras: DriverSettings['extras'] },
): string {
  try {
    return renderTemplate(template, describeContainer(container, { config, extras }));
  } catch (error) {
    throw new HarnessError('E_AGENT_DRIVER', `failed to initialize logging driver: ${describeError(error)}`);
  }
}

function refuseTime(): never {
  throw new Error('larsen does not emulate it');
}

const method = (value: string): Callable => ({ parameters: [], call: () => value });

/** Docker's `logger.Info`: its methods and its fields, the second with the name's leading slash. */
function describeContainer(
  container: ContainerInfo,
  { config, extras }: { config: Record<string, string>; extras: DriverSettings['extras'] },
): GoObject {
  const { id, name, labels, env } = container;
  // There is no image on this engine: the container's own name and id stand for it.
  const image = `sha256:${id}`;
  const methods: Record<string, Callable> = {
    ...{ ID: method(id.slice(0, SHORT_ID)), FullID: method(id), Name: method(name), Command: method(name) },
    ...{ ImageID: method(image.slice(0, SHORT_ID)), ImageFullID: method(image), ImageName: method(name) },
    Hostname: method(hostname()),
    ContainerCreated: { parameters: [], call: refuseTime },
    ExtraAttributes: {
      parameters: ['function'],
      call: () => new Map(Object.entries(collectExtras(container, extras))),
    },
  };
  const fields: Record<string, GoValue> = {
    ...{ Config: toMap(config), ContainerID: id, ContainerName: `/${name}`, ContainerEntrypoint: name },
    ...{ ContainerArgs: [], ContainerImageID: image, ContainerImageName: name, LogPath: '', DaemonName: 'docker' },
    ContainerEnv: Object.entries(env).map(([key, value]) => `${key}=${value}`),
    ContainerLabels: toMap(labels),
  };
  return { typeName: '*logger.Info', members: { ...fields, ...methods } };
}

function toMap(record: Record<string, string>): ReadonlyMap<string, string> {
  return new Map(Object.entries(record));
}

/** What `labels`, `labels-regex`, `env` and `env-regex` add to each record. */
export function collectExtras(
  { labels, env }: ContainerInfo,
  extras: DriverSettings['extras'],
): Record<string, string> {
  const pick = (from: Record<string, string>, keys: string[], pattern: RegExp | null): [string, string][] =>
    Object.entries(from).filter(([key]) => keys.includes(key) || pattern?.test(key));
  return Object.fromEntries([
    ...pick(labels, extras.labels, extras.labelsRegex),
    ...pick(env, extras.env, extras.envRegex),
  ]);
}
