// The outputs that leave the process but not the machine: stdout, a file that is rotated and bounded, and none at all.

import type { Output } from '../model.ts';
import type { OpenFile, Ports } from '../ports.ts';
import { describeFailure } from './failure.ts';
import { retry } from './http.ts';
import { encodeText, type TextForm } from './text.ts';

/** Creates the output `null`: takes everything and keeps nothing. */
export function createNullOutput(): Output {
  return { push: async () => ({ verdict: { kind: 'sent' }, status: 'none' }) };
}

/** Creates the output `stdout`. It waits for its reader for as long as that takes: a timeout would print twice. */
export function createStdoutOutput({ form }: { form: TextForm }, { stdout }: Pick<Ports, 'stdout'>): Output {
  return {
    async push(sealed) {
      try {
        await stdout.write(encodeText(sealed, form));
        return { verdict: { kind: 'sent' }, status: 'written' };
      } catch (error) {
        const status = describeFailure(error);
        return { verdict: retry(`standard output: ${status}`), status };
      }
    },
  };
}

/** Settings of the output `file`, see config/output-others.ts. */
export interface FileSettings {
  path: string;
  form: TextForm;
  bytesMax: number;
  filesMax: number;
}

/** Creates the output `file`: `path`, and rotated `path.1`, `path.2` … up to `filesMax` files together. */
export function createFileOutput(settings: FileSettings, { files }: Pick<Ports, 'files'>): Output {
  const { path, form, bytesMax, filesMax } = settings;
  let file: OpenFile | undefined;
  let size = 0;
  let turn: Promise<unknown> = Promise.resolve();
  const rotate = async (): Promise<void> => {
    await file?.close();
    file = undefined;
    const name = (n: number): string => (n === 0 ? path : `${path}.${n}`);
    const gone = (error: { code?: string }): void => {
      if (error.code !== 'ENOENT') throw error;
    };
    if (filesMax === 1) await files.remove(path).catch(gone);
    for (let n = filesMax - 2; n >= 0; n--) await files.rename(name(n), name(n + 1)).catch(gone);
  };
  const push = async (sealed: Uint8Array): Promise<Awaited<ReturnType<Output['push']>>> => {
    try {
      const bytes = encodeText(sealed, form);
      if (file !== undefined && size > 0 && size + bytes.length > bytesMax) await rotate();
      if (file === undefined) {
        file = await files.open(path, 'write');
        size = (await file.stat()).size;
      }
      // At the end of what is whole: what a failed write left behind is written over.
      await file.write(bytes, size);
      size += bytes.length;
      return { verdict: { kind: 'sent' }, status: 'written' };
    } catch (error) {
      const status = describeFailure(error);
      return { verdict: retry(`${path}: ${status}`), status };
    }
  };
  return {
    push(sealed) {
      const done = turn.then(() => push(sealed));
      turn = done;
      return done;
    },
  };
}
