// What is fixed about the apps that come with larsen: how they are loaded and what a file may leave out.

import type { AppSpec } from '../model/scenario.ts';

/** Defaults of a type of app. */
export interface AppKind {
  kind: 'http' | 'lines';
  writes: AppSpec['writes'];
  shape: string;
  /** Whether another app may stand behind it. */
  proxy: boolean;
}

/** The built-in types. */
export const BUILT_IN_APPS: Readonly<Record<string, AppKind>> = {
  traefik: { kind: 'http', writes: 'blocking', shape: 'traefik-clf', proxy: true },
  peertube: { kind: 'http', writes: 'queued', shape: 'peertube-2019', proxy: false },
  emitter: { kind: 'lines', writes: 'blocking', shape: 'plain', proxy: false },
};

/** The kind of an app by its type: built in, or a plugin's; undefined where no one knows the type. */
export function findAppKind(type: string, apps: ReadonlyMap<string, { kind: 'http' | 'lines' }>): AppKind | undefined {
  const builtIn = Object.hasOwn(BUILT_IN_APPS, type) ? BUILT_IN_APPS[type] : undefined;
  const plugin = apps.get(type);
  return (
    builtIn ?? (plugin && { kind: plugin.kind, writes: 'blocking', shape: 'plain', proxy: plugin.kind === 'http' })
  );
}
