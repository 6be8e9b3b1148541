// The built-in app types. To add one: a program here, a line below.

import { programPath } from '../core/program-path.ts';

/** A built-in app type. */
export interface AppType {
  name: string;
  /** `lines`: writes lines by plan. `http`: owes a line per completed request. */
  kind: 'lines' | 'http';
  /** Path of its program, to be started with this Node and an IPC channel. */
  main: string;
}

/** All built-in app types. */
export const appTypes: AppType[] = [
  {
    name: 'emitter',
    kind: 'lines',
    main: programPath('./emitter.js', import.meta.url),
  },
  {
    name: 'traefik',
    kind: 'http',
    main: programPath('./proxy.js', import.meta.url),
  },
  {
    name: 'peertube',
    kind: 'http',
    main: programPath('./media.js', import.meta.url),
  },
];

/** Path of the control emitter's program. */
export const controlProgram: string = programPath('./control.js', import.meta.url);
