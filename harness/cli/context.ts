// What a command needs of the outside: where it is, where it prints, and the parts it may name. Tests bring their
// own; the real one loads the parts only when a command asks for them, so that `--help` is quick.

import { openWorkspace, type Workspace } from '../plugin/workspace.ts';

/** The outside of the command line. */
export interface CliContext {
  cwd: string;
  env: Readonly<Record<string, string | undefined>>;
  /** Prints for the caller (stdout). */
  print(text: string): void;
  /** Prints what is wrong (stderr). */
  printError(text: string): void;
  /** Config, parts and catalogue. Throws HarnessError. */
  openWorkspace(configFile: string | null): Promise<Workspace>;
}

/** What each command is added with. */
export interface Cli extends CliContext {
  /** Sets the exit status of the call. */
  exit(code: number): void;
}

/** The process itself. */
export function createProcessContext(): CliContext {
  const cwd = process.cwd();
  return {
    cwd,
    env: process.env,
    print: (text) => void process.stdout.write(text),
    printError: (text) => void process.stderr.write(text),
    openWorkspace: async (configFile) => {
      const { loadRegistry } = await import('../engine/built-ins.ts');
      return openWorkspace({ configFile, cwd, loadRegistry });
    },
  };
}
