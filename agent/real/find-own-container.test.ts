import { expect, test } from 'vitest';
import { type ContainerClues, findContainerId } from './find-own-container.ts';

const id = '4f1d0c7be2a958314f1d0c7be2a958314f1d0c7be2a958314f1d0c7be2a95831';
const other = id.replaceAll('4', '5');
const nothing: ContainerClues = { mounts: '', cgroups: '0::/', hostname: 'box', isContainer: false };
const mount = (root: string, point: string): string => `629 616 254:1 ${root} ${point} rw,relatime - ext4 /dev/vda1 rw`;

test.each<[string, Partial<ContainerClues>, string | undefined]>([
  ['a plain host', {}, undefined],
  [
    'Docker with cgroups version 2: the mount of /etc/hostname',
    { mounts: `${mount('/', '/')}\n${mount(`/var/lib/docker/containers/${id}/hostname`, '/etc/hostname')}` },
    id,
  ],
  [
    'the folder of another container, mounted to be tailed, is not one',
    { mounts: mount(`/var/lib/docker/containers/${other}`, '/logs') },
    undefined,
  ],
  [
    'Podman',
    { mounts: mount(`/containers/overlay-containers/${id}/userdata/hostname`, '/etc/hostname'), isContainer: true },
    id,
  ],
  ['cgroups version 1', { cgroups: `12:pids:/docker/${id}\n0::/` }, id],
  ['cgroups by systemd', { cgroups: `0::/system.slice/docker-${id}.scope` }, id],
  ['the host name of a container', { hostname: id.slice(0, 12), isContainer: true }, id.slice(0, 12)],
  ['a host that is called like one', { hostname: id.slice(0, 12) }, undefined],
  ['a container with a name of its own', { hostname: 'agent', isContainer: true }, undefined],
])('%s', (_, clues, found) => {
  expect(findContainerId({ ...nothing, ...clues })).toBe(found);
});
