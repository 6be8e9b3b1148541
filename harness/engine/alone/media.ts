// The peertube-like app behind no harness: it serves, and logs each request to its stdout.
// LARSEN_APP names it (default media), LARSEN_SHAPE is the shape of its log (default peertube-json), LARSEN_PORT 9000.

import { devNull } from 'node:os';
import type { AppPartConfig } from '../../app/part.ts';
import { appTypes } from '../../app/registry.ts';
import { type PartProcess, startPart } from '../shared/part-process.ts';

const INHERITED = [0, 1, 2];

/** Starts it on all addresses; its stdout is ours. */
export function startMedia(): Promise<PartProcess> {
  const { LARSEN_APP: name = 'media', LARSEN_SHAPE: shape = 'peertube-json', LARSEN_PORT = '9000' } = process.env;
  const config: AppPartConfig = {
    app: { name, type: 'peertube', backend: null, shape, writes: 'queued', with: {} },
    run: 'alone',
    seed: 1,
    // What it would tell a run of its own writes is told nobody.
    linesFile: devNull,
    eventsFile: devNull,
    shape,
    listenPort: Number(LARSEN_PORT),
    listenHost: '0.0.0.0',
    backendUrl: null,
    backendApp: null,
  };
  const { main } = appTypes.find(({ name: type }) => type === 'peertube')!;
  return startPart({ name, main, config, stdio: INHERITED, onEvent: () => undefined });
}
