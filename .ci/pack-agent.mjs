// Makes the package `larsen-agent` out of the built program: dist/larsen-agent/, to be packed or published by npm. It is the
// agent alone, without dependencies; its page is docs/larsen-agent.md.
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'dist/larsen-agent');
const { version, license, engines, optionalDependencies } = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
);

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
writeFileSync(
  join(folder, 'package.json'),
  `${JSON.stringify(
    {
      ...{ name: 'larsen-agent', version },
      description:
        'Forwards logs from the Docker fluentd log driver to Loki without feeding back, freezing or losing lines',
      ...{ license, type: 'module', engines, bin: { 'larsen-agent': './larsen-agent.mjs' } },
      // Compiled where it is installed, for sockets of the kind unixgram only.
      optionalDependencies: { 'unix-dgram': optionalDependencies['unix-dgram'] },
    },
    undefined,
    2,
  )}\n`,
);
writeFileSync(join(folder, 'larsen-agent.mjs'), "#!/usr/bin/env node\nimport './main.js';\n", { mode: 0o755 });
for (const [from, to] of [
  ['dist/agent/main.js', 'main.js'],
  ['dist/agent/program.cjs', 'program.cjs'],
  // For those who have the Node that it was made with; it may be missing.
  ...(existsSync(join(root, 'dist/agent/program.cjs.cache'))
    ? [['dist/agent/program.cjs.cache', 'program.cjs.cache']]
    : []),
  ['dist/agent/main.licences.txt', 'main.licences.txt'],
  ['docs/larsen-agent.md', 'README.md'],
  ['docs/schema/agent-config.schema.json', 'schema/agent-config.schema.json'],
  ['LICENSE', 'LICENSE'],
]) {
  mkdirSync(join(folder, to, '..'), { recursive: true });
  copyFileSync(join(root, from), join(folder, to));
}
process.stdout.write(`${folder}\n`);
