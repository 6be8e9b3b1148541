// A root file system for Node out of what is on this machine: the node binary, the libraries it is linked with, a
// shell, certificates and the few files that a C library asks for. About 110 MB, nearly all of it node.

import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { findCommand, runCommand } from './run-command.ts';

const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';
/** What health checks and `docker exec` reach for. */
const APPLETS = ['sh', 'cat', 'ls', 'ps', 'env', 'test', 'sleep', 'wget', 'nc', 'awk', 'grep', 'head', 'tail', 'id'];

/** Small libraries of glibc that native addons name, though node itself does not. */
const COMPANIONS = ['librt.so.1', 'libresolv.so.2', 'libutil.so.1'];

/** The user that the agent's image runs as. */
const AGENT_UID = 10_001;

/** Fills `root`. */
export function fillNodeRootfs(root: string): void {
  for (const folder of ['usr/local/bin', 'usr/bin', 'bin', 'etc', 'tmp', 'run', 'app'])
    mkdirSync(join(root, folder), { recursive: true });
  chmodSync(join(root, 'tmp'), 0o1777);
  copyFileSync(process.execPath, join(root, 'usr/local/bin/node'));
  const linked = findLibraries(process.execPath);
  const libc = linked.find((path) => path.includes('/libc.so'));
  const companions = libc ? COMPANIONS.map((name) => join(dirname(libc), name)).filter((path) => existsSync(path)) : [];
  for (const library of [...linked, ...companions]) {
    mkdirSync(join(root, dirname(library)), { recursive: true });
    copyFileSync(realpathSync(library), join(root, library));
  }
  copyFileSync(findCommand('busybox')!, join(root, 'bin/busybox'));
  for (const applet of APPLETS) symlinkSync('busybox', join(root, 'bin', applet));
  if (existsSync(CERTIFICATES)) cpSync(CERTIFICATES, join(root, CERTIFICATES), { dereference: true });
  writeFileSync(
    join(root, 'etc/passwd'),
    `root:x:0:0::/root:/bin/sh\nlarsen:x:${AGENT_UID}:${AGENT_UID}::/app:/bin/sh\n`,
  );
  writeFileSync(join(root, 'etc/group'), `root:x:0:\nlarsen:x:${AGENT_UID}:\n`);
  writeFileSync(join(root, 'etc/nsswitch.conf'), 'passwd: files\ngroup: files\nhosts: files dns\n');
}

// Paths of the shared libraries of a program, the loader included.
function findLibraries(program: string): string[] {
  return [...runCommand('ldd', [program]).matchAll(/(\/\S+)\s+\(0x/g)].map(([, path]) => path!);
}
