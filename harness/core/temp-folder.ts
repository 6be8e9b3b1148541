// Where short-lived things go: the system's temporary folder, unless its path leaves no room for our unix sockets,
// whose whole path must fit into 107 bytes (sun_path of Linux). Then a shorter one that can be written takes its place.

import { accessSync, constants } from 'node:fs';
import { tmpdir } from 'node:os';

const SOCKET_PATH_MAX = 107;
/** `/larsen-XXXXXX/<run>/agent.sock` and a few to spare. */
const OUR_BYTES_MAX = 40;
const SHORT_FOLDERS = ['/tmp', '/var/tmp', '/dev/shm'];

/** By how many bytes a temporary folder is too long for our sockets; 0 or less: it is short enough. */
export function excessBytes(folder: string): number {
  return Buffer.byteLength(folder) + OUR_BYTES_MAX - SOCKET_PATH_MAX;
}

/** `folder`, or where it is too long the first of `others` that can be written; `folder` again where there is none. */
export function chooseTempFolder(folder: string = tmpdir(), others: readonly string[] = SHORT_FOLDERS): string {
  if (excessBytes(folder) <= 0) return folder;
  return others.find((other) => excessBytes(other) <= 0 && isWritable(other)) ?? folder;
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
