// An image of a program that Debian packages: the package with all it depends on is unpacked into a folder by the
// package tools of this machine. Nothing is installed on the machine and no maintainer script is run.

import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ImageRecipe } from './recipe.ts';
import { runCommand } from './run-command.ts';

const DOCKERFILE = `FROM scratch
COPY rootfs/ /
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
`;
/** What every rootfs gets, to look around and for health checks. */
const ALWAYS = ['busybox-static', 'base-files'];

/** A recipe for an image with these packages in it. */
export function createDebianImage({
  name,
  packages,
  tag,
  optional,
}: {
  name: string;
  packages: readonly string[];
  tag: string;
  optional?: true;
}): ImageRecipe {
  const wanted = [...packages, ...ALWAYS];
  return {
    ...{ kind: 'image', name, tag, after: [], archive: true },
    ...(optional && { optional }),
    summary: `unpacks Debian's ${packages.join(', ')} into an image`,
    tools: { 'apt-get': 'a Debian or Ubuntu machine', dpkg: 'dpkg', tar: 'tar' },
    inputs: () => [DOCKERFILE, ...wanted, runCommand('apt-cache', ['policy', ...packages])],
    fill: (context) => {
      const [rootfs, downloads] = [join(context, 'rootfs'), join(context, 'downloads')];
      for (const folder of [rootfs, downloads, join(rootfs, 'tmp')]) mkdirSync(folder);
      runCommand('apt-get', ['download', ...closure(wanted)], { cwd: downloads });
      for (const file of readdirSync(downloads).sort()) runCommand('dpkg-deb', ['-x', join(downloads, file), rootfs]);
      writeFileSync(join(rootfs, 'etc/passwd'), 'root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n');
      writeFileSync(join(rootfs, 'etc/group'), 'root:x:0:\nnogroup:x:65534:\n');
      runCommand('ln', ['-sf', 'busybox', join(rootfs, 'bin/sh')]);
      writeFileSync(join(context, 'Dockerfile'), DOCKERFILE);
      writeFileSync(join(context, '.dockerignore'), 'downloads\n');
    },
  };
}

/** The packages and what they need to run, by name. Virtual packages have no file and are left out. */
function closure(packages: readonly string[]): string[] {
  const options = ['recommends', 'suggests', 'conflicts', 'breaks', 'replaces', 'enhances'].map(
    (kind) => `--no-${kind}`,
  );
  const text = runCommand('apt-cache', ['depends', '--recurse', ...options, ...packages]);
  const named = [...text.matchAll(/^(\w[\w.+-]*)$/gm)].map(([, name]) => name!);
  return [...new Set(named)].filter((name) => !/^(debconf|perl|python|adduser|init-system|dpkg|lsb)/.test(name));
}
