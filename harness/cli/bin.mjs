#!/usr/bin/env node
// The command `larsen`: plain JavaScript, so that it can say what is missing before anything else is loaded.

import { existsSync } from 'node:fs';

const OLDEST_NODE = [20, 19];
const main = new URL('../../dist/harness/cli/main.js', import.meta.url);
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) {
  console.error(`larsen needs Node ${OLDEST_NODE.join('.')} or later; this is Node ${process.versions.node}.`);
  process.exitCode = 254;
} else if (!existsSync(main)) {
  console.error('larsen is not built yet. Run: npm run build');
  process.exitCode = 254;
} else {
  const { runMain } = await import(main.href);
  await runMain(process.argv.slice(2));
}
