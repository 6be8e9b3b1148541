// Where the `docker` client would look, in its order.

import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { findDockerHost, type HostSources } from './docker-host.ts';

const sources = (over: {
  env?: HostSources['env'];
  files?: Record<string, string>;
  sockets?: string[];
}): HostSources => ({
  env: over.env ?? {},
  home: '/home/u',
  exists: (path) => over.sockets?.includes(path) ?? false,
  read: (path) => over.files?.[path] ?? null,
});
const meta = (name: string, host: string, folder = '/home/u/.docker'): Record<string, string> => ({
  [`${folder}/contexts/meta/${createHash('sha256').update(name).digest('hex')}/meta.json`]: JSON.stringify({
    Endpoints: { docker: { Host: host } },
  }),
});
const SYSTEM = '/var/run/docker.sock';

it('DOCKER_HOST beats everything', () => {
  const env = { DOCKER_HOST: 'tcp://h:2375', DOCKER_CONTEXT: 'other' };
  const found = findDockerHost(sources({ env, files: meta('other', 'ssh://x'), sockets: [SYSTEM] }));
  expect(found).toEqual({ url: 'tcp://h:2375', foundBy: 'DOCKER_HOST' });
});

it('then the context: of DOCKER_CONTEXT, else of the config, which DOCKER_CONFIG may have moved', () => {
  const config = { '/home/u/.docker/config.json': '{"currentContext":"remote"}' };
  const files = { ...config, ...meta('remote', 'ssh://far'), ...meta('near', 'unix:///n.sock') };
  expect(findDockerHost(sources({ files, sockets: [SYSTEM] }))?.url).toBe('ssh://far');
  expect(findDockerHost(sources({ files, env: { DOCKER_CONTEXT: 'near' } }))).toEqual({
    url: 'unix:///n.sock',
    foundBy: 'the docker context near',
  });
  const moved = { '/c/config.json': '{"currentContext":"m"}', ...meta('m', 'unix:///m.sock', '/c') };
  expect(findDockerHost(sources({ files: moved, env: { DOCKER_CONFIG: '/c' } }))?.url).toBe('unix:///m.sock');
});

it('then the sockets: of the system, rootless, Docker Desktop', () => {
  const env = { XDG_RUNTIME_DIR: '/run/user/1' };
  const [rootless, desktop] = ['/run/user/1/docker.sock', '/home/u/.docker/desktop/docker.sock'];
  const find = (sockets: string[]): string | undefined => findDockerHost(sources({ env, sockets }))?.url;
  expect(find([desktop, rootless, SYSTEM])).toBe(`unix://${SYSTEM}`);
  expect(find([desktop, rootless])).toBe(`unix://${rootless}`);
  expect(find([desktop])).toBe(`unix://${desktop}`);
  expect(find([])).toBeUndefined();
});

it('a config that is no JSON, and the context `default`, are as none', () => {
  const broken = { '/home/u/.docker/config.json': '{' };
  expect(findDockerHost(sources({ files: broken, sockets: [SYSTEM] }))?.url).toBe(`unix://${SYSTEM}`);
  const usual = { '/home/u/.docker/config.json': '{"currentContext":"default"}' };
  expect(findDockerHost(sources({ files: usual, sockets: [SYSTEM] }))?.url).toBe(`unix://${SYSTEM}`);
});
