// The built-in app types by name, for whoever must tell them from a plugin's.

import { type AppType, appTypes } from '../app/registry.ts';

/** Built-in app types by name. */
export const builtInApps: ReadonlyMap<string, AppType> = new Map(appTypes.map((type) => [type.name, type]));
