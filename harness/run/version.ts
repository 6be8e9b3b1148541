// The version of larsen, for whoever records or prints it.

export { LARSEN_VERSION } from '../engine/package-dir.ts';
