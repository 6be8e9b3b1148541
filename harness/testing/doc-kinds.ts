// What a fenced block of the documentation may be, and how it is checked. Everything is run or parsed by a test; what
// cannot be says why, with a reason of a closed list, and each reason is checked as far as it goes.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { parseConfig } from '../../agent/index.ts';
import type { PartRegistry } from '../model/engine.ts';
import { configSchema } from '../scenario/config-schema.ts';
import { FINDING_CLASSES } from '../scenario/finding-names.ts';
import { parseScenario } from '../scenario/load.ts';
import { parseAgent } from '../scenario/load-agent.ts';
import { type DocBlock, PROJECT_ROOT, readPage } from './doc-page.ts';
import { checkComposeFile, checkDaemonJson, checkSystemdUnit, checkWorkflowSteps } from './doc-set-ups.ts';

/** Why a block of commands is not run by doc-shell.process.test.ts. */
export const NOT_RUN = ['takes-minutes', 'needs-docker', 'changes-the-machine'] as const;

/**
 * Checks a block as what it says it is, and tells which kind that was. Commands are checked further by doc-commands.test.ts
 * and doc-shell.process.test.ts, modules by extending.test.ts. Throws what is wrong with it.
 */
export function checkBlock(block: DocBlock, page: string, registry: PartRegistry): string {
  const { language, marks, text } = block;
  const allowed: Record<string, string[]> = { sh: ['not-run'], text: ['shows'] };
  const stray = Object.keys(marks).find((mark) => !allowed[language]?.includes(mark));
  if (stray !== undefined) throw new Error(`a block of ${language} has no mark ${stray}`);
  if (language === 'sh') return checkCommands(block);
  if (language === 'text') return checkText(block);
  if (language === 'json') return checkDaemonJson(text);
  if (language === 'ini') return checkSystemdUnit(block);
  if (language === 'yaml') return checkYaml(block, registry);
  if ((language === 'js' || language === 'ts') && page === 'docs/extending.md') return 'module';
  throw new Error(`no test reads a block of ${language === '' ? 'no language' : language}: ${text.slice(0, 40)}`);
}

function checkCommands({ marks, text }: DocBlock): string {
  const reason = marks['not-run'];
  if (reason === undefined) return 'commands, run';
  if (!NOT_RUN.some((known) => known === reason)) throw new Error(`${reason} is no reason not to run commands`);
  if (reason === 'needs-docker' && !/\bdocker compose\b|npm run images/.test(text))
    throw new Error(`nothing here needs Docker: ${text}`);
  if (reason === 'takes-minutes' && !/larsen (run|compare|replay|conformance)|vitest run/.test(text))
    throw new Error(`nothing here takes minutes: ${text}`);
  // The package itself is installed and run by agent/package.process.test.ts.
  if (reason === 'changes-the-machine' && !/npm install --global/.test(text))
    throw new Error(`nothing here changes the machine: ${text}`);
  for (const [, script] of text.matchAll(/npm run ([\w:-]+)/g)) checkScript(script!);
  for (const [, file] of text.matchAll(/ -f (\S+)/g))
    if (!existsSync(join(PROJECT_ROOT, file!))) throw new Error(`there is no ${file}`);
  return `commands, not run: ${reason}`;
}

function checkScript(name: string): void {
  const { scripts } = JSON.parse(readPage('package.json')) as { scripts: Record<string, string> };
  if (!(name in scripts)) throw new Error(`package.json has no script ${name}`);
}

/** A drawing draws, an output has the lines that reports have with findings that there are, a tree of files names files. */
function checkText({ marks, text }: DocBlock): string {
  if (marks.shows === 'drawing' && /[─│▼►]/.test(text)) return 'drawing';
  if (marks.shows === 'files' && /\.\w+\b/.test(text)) return 'files'; // held against a run by doc-shell.process.test.ts
  const found = /^ +what +([\w-]+)\/([\w-]+), (critical|major|minor)$/m.exec(text);
  if (marks.shows === 'output' && found) {
    if (!FINDING_CLASSES[found[1]!]?.includes(found[2]!))
      throw new Error(`there is no finding ${found[1]}/${found[2]}`);
    return 'output';
  }
  throw new Error(`text that shows ${marks.shows ?? 'nothing known'}: ${text.slice(0, 40)}`);
}

function checkYaml({ text, file }: DocBlock, registry: PartRegistry): string {
  if (file === '') throw new Error(`no first line tells which file this is: ${text.slice(0, 40)}`);
  const value = parse(text) as Record<string, unknown>;
  if (file.startsWith('.github/workflows/')) return checkWorkflowSteps(value);
  if (file === 'compose.yaml') return checkComposeFile(text);
  if (/(^|\/)larsen\.config\.yaml$/.test(file)) return configSchema.parse(value) ? 'config' : '';
  if (/^larsen-agent.*\.yaml$/.test(file)) return parseConfig(text, { name: file, env: {} }) ? 'agent config' : '';
  if (!('topology' in value)) return checkAgentFile(value, file);
  parseScenario(value, { id: file, file: join(PROJECT_ROOT, file), registry });
  return 'scenario';
}

/** The config that it names is the reader's, so it is not looked for. */
export function checkAgentFile({ config: _config, ...value }: Record<string, unknown>, file: string): string {
  if (!('agent' in value)) throw new Error(`${file} is neither a scenario nor an agent file`);
  parseAgent(value, { file: join(PROJECT_ROOT, file) });
  return 'agent';
}
