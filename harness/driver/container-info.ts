// What a container's logger knows of it: the tag made from a template, and the labels and environment variables
// that its log-opts add to each record.

import { hostname } from 'node:os';
import { HarnessError } from '../core/errors.ts';
import type { DriverSettings } from './options.ts';

/** A container as its logger sees it. */
export interface ContainerInfo {
  /** 64 hex digits. */
  id: string;
  /** Without the leading slash. */
  name: string;
  labels: Record<string, string>;
  env: Record<string, string>;
}

const FIELD = /\{\{\s*\.(\w+)\s*\}\}/g;
const SHORT_ID = 12;

/** The tag of a template such as `docker.{{.Name}}`. Throws E_AGENT_DRIVER for what is not a field. */
export function renderTag(template: string, { id, name }: ContainerInfo): string {
  const fields: Record<string, string> = {
    ID: id.slice(0, SHORT_ID),
    FullID: id,
    Name: name,
    Command: name,
    // There is no image on this engine: the container's own name and id stand for it.
    ImageName: name,
    ImageID: id.slice(0, SHORT_ID),
    ImageFullID: id,
    Hostname: hostname(),
    DaemonName: 'docker',
  };
  const refuse = (what: string): never => {
    const known = Object.keys(fields).map((field) => `{{.${field}}}`);
    throw new HarnessError('E_AGENT_DRIVER', `Expected the log-opt \`tag\` to use ${known.join(' ')}, got ${what}`);
  };
  const rendered = template.replace(FIELD, (text, field: string) => fields[field] ?? refuse(text));
  return rendered.includes('{{') ? refuse(rendered) : rendered;
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
