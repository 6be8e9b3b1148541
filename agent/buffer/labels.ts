// From a record's tag (and container name) to the labels of its stream:
//
//   tag video.peertube  →  {app="video", instance="host-1", service="peertube", tag="video.peertube"}
//   tag 8f3a…           →  {app="8f3a…", instance="host-1", service="8f3a…", tag="8f3a…"}

/** How labels are made. */
export interface LabelSettings {
  /** Where `app` comes from; a container name loses its leading slash. */
  app: 'tag' | 'container-name';
  /** Value of `instance`. */
  instance: string;
  /** Labels that every stream gets; they do not replace the four built-in ones. */
  static: Readonly<Record<string, string>>;
  /** Other names for the built-in labels. */
  rename: Readonly<Record<string, string>>;
  /** Built-in labels to leave out. */
  remove: readonly string[];
}

/** A stream's labels: what is pushed, and the `app` that counters go by. */
export interface StreamLabels {
  app: string;
  /** By name. */
  set: Readonly<Record<string, string>>;
  /** As Loki writes them: `{app="x", service="y"}`, sorted by name. */
  text: string;
}

/** Loki refuses values over 2048 bytes; a tag that long is no tag. */
const VALUE_CHARS_MAX = 512;

/** The labels for a tag and a container name (empty if unknown). */
export function makeLabels(tag: string, containerName: string, settings: LabelSettings): StreamLabels {
  const whole = clean(tag) || 'unknown';
  const dot = whole.indexOf('.');
  const splits = dot > 0 && dot < whole.length - 1;
  const name = clean(containerName.startsWith('/') ? containerName.slice(1) : containerName);
  const appOfTag = splits ? whole.slice(0, dot) : whole;
  const app = settings.app === 'container-name' && name !== '' ? name : appOfTag;
  const service = splits ? whole.slice(dot + 1) : whole;
  const set = nameLabels({ app, service, tag: whole, instance: settings.instance }, settings);
  return { app, set, text: describeLabels(set) };
}

/** The built-in labels under the names that they are to have, and the static ones. */
export function nameLabels(
  builtIn: Readonly<Record<string, string>>,
  settings: Pick<LabelSettings, 'static' | 'rename' | 'remove'>,
): Record<string, string> {
  const set: Record<string, string> = { ...settings.static };
  for (const [name, value] of Object.entries(builtIn))
    if (!settings.remove.includes(name)) set[settings.rename[name] ?? name] = value;
  return set;
}

/** Labels in Loki's notation; empty values are left out, as Loki ignores them. */
export function describeLabels(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).filter(([, value]) => value !== '');
  pairs.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${pairs.map(([name, value]) => `${name}="${quote(value)}"`).join(', ')}}`;
}

/** A value as a label may have it: without control characters and broken surrogates, and not too long. */
export function clean(value: string): string {
  return value
    .replace(/[\u0000-\u001f\u007f]/g, '_')
    .toWellFormed()
    .slice(0, VALUE_CHARS_MAX)
    .toWellFormed();
}

function quote(value: string): string {
  return value.replace(/["\\]/g, '\\$&');
}
