#!/usr/bin/env node
// The command `larsen-agent`: starts the built program, or says how to build it.

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const built = new URL('../dist/agent/main.js', import.meta.url);
if (existsSync(fileURLToPath(built))) await import(built.href);
else {
  process.stderr.write('larsen-agent is not built yet: run `npm run build`\n');
  process.exitCode = 254;
}
