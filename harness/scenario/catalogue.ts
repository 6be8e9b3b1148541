// Finds scenarios and agents by name: what comes with larsen and the folders of larsen.config. A name is a path, the
// path below its folder without `.yaml`, or its last segment where that is unique. Files under `agents/` are agents,
// never scenarios.

import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { HarnessError } from '../core/errors.ts';
import { classifyFile } from './classify-file.ts';
import { describeFile } from './describe-file.ts';
import { findNearestNames } from './nearest.ts';
import { findPackageRoot } from './package-root.ts';

const FILE_NAME = /\.(yaml|yml|json)$/;
const DEPTH_MAX = 12;

/** A scenario or agent file by its name. */
export interface CatalogueEntry {
  /** Path below its folder without `.yaml`. */
  id: string;
  /** Absolute path. */
  file: string;
}

/** Everything that can be named on the command line. */
export interface Catalogue {
  /** In order of id. */
  scenarios(): CatalogueEntry[];
  agents(): CatalogueEntry[];
  /** Throws E_SCENARIO_UNKNOWN or E_SCENARIO_AMBIGUOUS. */
  findScenario(nameOrPath: string): CatalogueEntry;
  /** Throws E_AGENT_UNKNOWN or E_AGENT_AMBIGUOUS. */
  findAgent(nameOrPath: string): CatalogueEntry;
}

/** Folders to look in beside the built-in one, and where relative paths start. */
export interface CatalogueOptions {
  scenarioFolders?: string[];
  agentFolders?: string[];
  /** Default: the working directory. */
  cwd?: string;
  /** The built-in folder. Default: `scenarios` of the package. */
  builtIn?: string;
}

/** A catalogue; the folders are read once, on first use. Throws E_CONFIG_FOLDER for a folder that is not there. */
export function createCatalogue(options: CatalogueOptions = {}): Catalogue {
  const {
    scenarioFolders = [],
    agentFolders = [],
    cwd = process.cwd(),
    builtIn = join(findPackageRoot(), 'scenarios'),
  } = options;
  for (const folder of [...scenarioFolders, ...agentFolders]) checkFolder(folder);
  const roots = [builtIn, ...scenarioFolders].map((folder) => resolve(cwd, folder));
  const scenarios = once(() =>
    sortEntries(
      roots.flatMap((root) =>
        listFiles(root).filter(({ id, file }) => !isBelowAgents(id) && classifyFile(file) !== 'agent'),
      ),
    ),
  );
  const agents = once(() =>
    sortEntries([
      ...roots.flatMap((root) =>
        listFiles(root).filter(({ id, file }) => isBelowAgents(id) && classifyFile(file) === 'agent'),
      ),
      ...agentFolders
        .map((folder) => resolve(cwd, folder))
        .flatMap((root) => listFiles(root).filter(({ file }) => classifyFile(file) === 'agent')),
    ]),
  );
  return {
    scenarios,
    agents,
    findScenario: (name) => findEntry(name, { kind: 'SCENARIO', entries: scenarios, cwd }),
    findAgent: (name) => findEntry(name, { kind: 'AGENT', entries: agents, cwd }),
  };
}

interface Lookup {
  kind: 'SCENARIO' | 'AGENT';
  entries: () => CatalogueEntry[];
  cwd: string;
}

function findEntry(name: string, { kind, entries, cwd }: Lookup): CatalogueEntry {
  const file = resolve(cwd, name);
  if (name !== '' && isFile(file))
    return entries().find((entry) => entry.file === file) ?? { id: describeFile(file, cwd), file };
  const found = matchName(name, entries());
  if (found.length === 1) return found[0]!;
  const noun = kind === 'SCENARIO' ? 'scenario' : 'agent';
  if (found.length > 1) {
    const list = found.map((entry) => `  ${entry.id}  (${describeFile(entry.file, cwd)})`).join('\n');
    throw new HarnessError(
      `E_${kind}_AMBIGUOUS`,
      `${JSON.stringify(name)} names more than one ${noun}; say which, by its longer name or its path:\n${list}`,
    );
  }
  throw new HarnessError(`E_${kind}_UNKNOWN`, describeUnknown(name, { noun, entries: entries() }));
}

function describeUnknown(name: string, { noun, entries }: { noun: string; entries: CatalogueEntry[] }): string {
  const shown = JSON.stringify(name.length > 100 ? `${name.slice(0, 100)}…` : name);
  if (FILE_NAME.test(name) || name.startsWith('.') || isAbsolute(name))
    return `There is no file ${shown}. Check the path of the ${noun}.`;
  const near = findNearestNames(
    name.slice(0, 100),
    entries.map(({ id }) => id),
  );
  const remedy =
    near.length > 0
      ? `Did you mean ${near.map((id) => `\`${id}\``).join(' or ')}?`
      : 'It is neither a file nor a known name.';
  return `There is no ${noun} ${shown}. ${remedy} \`larsen list\` shows all.`;
}

/** The whole id first, then the id below `agents/`, then its last segment; `x/agent.yaml` may be called `x` too. */
function matchName(name: string, entries: CatalogueEntry[]): CatalogueEntry[] {
  const bare = name.replace(FILE_NAME, '');
  const rules: ((id: string) => boolean)[] = [
    (id) => id === bare,
    (id) => id.startsWith('agents/') && id.slice('agents/'.length) === bare,
    (id) => basename(id) === bare,
    (id) =>
      basename(id) === 'agent' &&
      (basename(dirname(id)) === bare || id === `${bare}/agent` || id === `agents/${bare}/agent`),
  ];
  for (const rule of rules) {
    const found = entries.filter(({ id }) => rule(id));
    if (found.length > 0) return found;
  }
  return [];
}

function listFiles(root: string, folder = root, depth = 0): CatalogueEntry[] {
  if (depth > DEPTH_MAX || !isFolder(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const file = join(folder, entry.name);
    if (entry.name.startsWith('.') || entry.name === 'node_modules') return [];
    if (entry.isDirectory()) return listFiles(root, file, depth + 1);
    if (!FILE_NAME.test(entry.name) || !isFile(file)) return [];
    return [{ id: relative(root, file).split(sep).join('/').replace(FILE_NAME, ''), file }];
  });
}

function isBelowAgents(id: string): boolean {
  return id.split('/').slice(0, -1).includes('agents');
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function checkFolder(folder: string): void {
  if (!isFolder(folder))
    throw new HarnessError(
      'E_CONFIG_FOLDER',
      `larsen.config names the folder ${folder}, which is not there. Correct its \`scenarios\` or \`agents\`.`,
    );
}

function sortEntries(entries: CatalogueEntry[]): CatalogueEntry[] {
  const byFile = new Map(entries.map((entry) => [entry.file, entry]));
  return [...byFile.values()].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}

function once<Value>(make: () => Value): () => Value {
  let made: { value: Value } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
