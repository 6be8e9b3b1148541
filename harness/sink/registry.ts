// The sinks that are built in; a plugin adds its own beside them.

import type { SinkDefinition } from '../model/parts.ts';
import { lokiSink } from './loki/sink.ts';

/** Built-in sinks by registration order. */
export const sinks: SinkDefinition[] = [lokiSink];
