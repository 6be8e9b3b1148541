// A small file in which an input remembers something. It is replaced as a whole: it is always the old or the new one.

import type { Files } from '../ports.ts';

/** The text of the file, empty where there is none. Rejects with the system's error when it cannot be read. */
export async function loadText(path: string, files: Files): Promise<string> {
  try {
    const file = await files.open(path, 'read');
    try {
      const bytes = new Uint8Array((await file.stat()).size);
      await file.read(bytes, 0);
      return Buffer.from(bytes).toString('utf8');
    } finally {
      await file.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

/** Writes it; rejects with the system's error, and then the old text stands. */
export async function saveText(path: string, text: string, files: Files): Promise<void> {
  const folder = path.slice(0, path.lastIndexOf('/')) || '/';
  await files.makeFolder(folder);
  const draft = `${path}.new`;
  const file = await files.open(draft, 'write');
  try {
    await file.truncate(0);
    await file.write(Buffer.from(text), 0);
    await file.sync();
  } finally {
    await file.close();
  }
  await files.rename(draft, path);
  await files.syncFolder(folder);
}
