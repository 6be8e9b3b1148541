// The images of larsen itself: a base with Node, the agent as a site would run it, and the apps and other parts that
// the docker engine starts in containers. Each holds the built files and the npm packages that they import.

import { copyFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hashTree } from './cache.ts';
import { fillNodeRootfs } from './node-rootfs.ts';
import { copyPackages, findImports, findPackageFolders } from './package-closure.ts';
import { PACKAGE_DIR } from './package-dir.ts';
import type { ImageRecipe, Kitchen } from './recipe.ts';
import { runCommand } from './run-command.ts';

const { version } = JSON.parse(readFileSync(join(PACKAGE_DIR, 'package.json'), 'utf8')) as {
  version: string;
};
const NODE_TAG = `larsen/node:${process.versions.node}`;
/** What runs in a container. The rest of the harness stays outside. */
const APPS_PARTS = ['app', 'core', 'driver', 'load', 'model', 'sink'].map((part) => join('harness', part));

/** Node on an almost empty root, from this machine's own binary. */
export function createNodeImage(): ImageRecipe {
  return {
    ...{ kind: 'image', name: 'node', tag: NODE_TAG, after: [] },
    summary: `puts this machine's Node ${process.versions.node} into an image`,
    tools: { ldd: 'libc-bin', busybox: 'busybox-static', tar: 'tar' },
    inputs: ({ packageDir }) => [
      process.execPath,
      process.version,
      runCommand('ldd', [process.execPath]).replace(/\(0x\w+\)/g, ''),
      ...['node/Dockerfile', 'node-rootfs.ts'].map((file) => readFileSync(join(packageDir, 'images', file), 'utf8')),
    ],
    fill: (context, { packageDir }) => {
      fillNodeRootfs(join(context, 'rootfs'));
      copyFileSync(join(packageDir, 'images/node/Dockerfile'), join(context, 'Dockerfile'));
    },
  };
}

/** larsen-agent, not as root, with a health check. */
export function createAgentImage(): ImageRecipe {
  return createLarsenImage({ name: 'agent', parts: ['agent'], files: ['agent/bin.mjs'] });
}

/** The apps, the driver, the recording hop and the embedded sink. */
export function createAppsImage(): ImageRecipe {
  return createLarsenImage({ name: 'apps', parts: APPS_PARTS, files: [] });
}

function createLarsenImage({ name, parts, files }: { name: string; parts: string[]; files: string[] }): ImageRecipe {
  const packagesOf = ({ packageDir }: Kitchen): string[] =>
    findPackageFolders(packageDir, findImports(parts.map((part) => join(packageDir, 'dist', part))));
  return {
    ...{ kind: 'image', name, tag: `larsen/${name}:${version}`, after: ['node'], tools: { tar: 'tar' } },
    summary: `puts ${parts.join(', ')} into an image`,
    inputs: (kitchen) => {
      const { packageDir } = kitchen;
      return [
        NODE_TAG,
        hashTree(join(packageDir, 'images', name)),
        ...parts.map((part) => hashTree(join(packageDir, 'dist', part))),
        ...files.map((file) => hashTree(join(packageDir, file))),
        ...packagesOf(kitchen).map((folder) => readFileSync(join(packageDir, folder, 'package.json'), 'utf8')),
      ];
    },
    fill: (context, kitchen) => {
      const { packageDir } = kitchen;
      const root = join(context, 'larsen');
      const isShipped = (path: string): boolean => !/\/testing(\/|$)|\.test\.js$|\.d\.ts$|\.map$/.test(path);
      mkdirSync(root);
      for (const part of parts)
        cpSync(join(packageDir, 'dist', part), join(root, 'dist', part), { recursive: true, filter: isShipped });
      for (const file of files) cpSync(join(packageDir, file), join(root, file));
      copyFileSync(join(packageDir, 'package.json'), join(root, 'package.json'));
      copyPackages(packageDir, packagesOf(kitchen), root);
      cpSync(join(packageDir, 'images', name), context, { recursive: true });
      const dockerfile = readFileSync(join(context, 'Dockerfile'), 'utf8');
      writeFileSync(join(context, 'Dockerfile'), dockerfile.replace('FROM larsen/node', `FROM ${NODE_TAG}`));
    },
  };
}
