// Last step of the build: puts the program larsen-agent with the packages that it uses into one file, dist/agent/program.cjs,
// what V8 makes of it into program.cjs.cache, and what starts it into main.js. Node then finds and reads three files where it
// read 230, and compiles none of them. The licences of the packages go beside it. The library, dist/agent/index.js, stays as
// the compiler wrote it.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { readProgram } from '../dist/agent/code-cache.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'dist/agent');
const WARM_MS_MAX = 15_000;

await bundle('main', 'main.js', 'esm');
writeLicences(await bundle('program', 'program.cjs', 'cjs'));
escapeLetters(join(folder, 'program.cjs'));
writeCache(join(folder, 'program.cjs'));

/** Writes one file; returns the folders of the packages in it. */
async function bundle(name, target, format) {
  const made = await rolldown({
    cwd: root,
    input: `agent/${name}.ts`,
    platform: 'node',
    // Compiled for the machine where it is installed, and looked for when it is asked for.
    external: ['unix-dgram'],
  });
  const { output } = await made.write({ file: join(folder, target), format, codeSplitting: false });
  await made.close();
  // What the compiler wrote of the same module is not started by anything.
  for (const old of [`${name}.js`, `${name}.js.map`]) if (old !== target) rmSync(join(folder, old), { force: true });
  const modules = output.flatMap((chunk) => (chunk.type === 'chunk' ? chunk.moduleIds : []));
  return new Set(modules.flatMap((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0] ?? []));
}

function writeLicences(packages) {
  const licences = [...packages].sort().map((path) => {
    const { name, version, license } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
    const file = readdirSync(path).find((entry) => /^licen[cs]e/i.test(entry));
    if (file === undefined) throw new Error(`${name} comes without its licence`);
    return `${name} ${version} (${license})\n\n${readFileSync(join(path, file), 'utf8').trim()}\n`;
  });
  writeFileSync(join(folder, 'main.licences.txt'), licences.join(`\n${'-'.repeat(80)}\n\n`));
}

/** V8 keeps a source in one byte a letter if it can: a dash in a comment would cost the agent 2 MB. */
function escapeLetters(file) {
  const source = readFileSync(file, 'utf8');
  if (/\\[\u0080-\uffff]/.test(source))
    throw new Error(`${file} has a letter behind a backslash, to be told otherwise`);
  const told = (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`;
  writeFileSync(file, source.replace(/[\u0080-\uffff]/g, told));
}

/** A cache that fits stays, so that a build without a change changes no file. The agent starts without one too. */
function writeCache(program) {
  if (readProgram(program).cachedData !== undefined) return;
  rmSync(`${program}.cache`, { force: true });
  let place;
  try {
    place = mkdtempSync(join(tmpdir(), 'larsen-warm-'));
    const warm = fileURLToPath(new URL('warm-agent.mjs', import.meta.url));
    execFileSync(process.execPath, [warm, place], {
      timeout: WARM_MS_MAX,
      killSignal: 'SIGKILL',
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  } catch (error) {
    process.stderr.write(`no code cache for larsen-agent, which starts slower without: ${error.message}\n`);
  } finally {
    if (place !== undefined) rmSync(place, { recursive: true, force: true });
  }
}
