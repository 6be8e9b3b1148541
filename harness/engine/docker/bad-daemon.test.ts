// Bad days of the container runtime that no real one can be brought to in a test: each a clear message with a remedy.

import { chmodSync } from 'node:fs';
import { expect, it } from 'vitest';
import { HarnessError } from '../../core/errors.ts';
import { type FakeAnswer, HEALTHY, startFakeDaemon } from '../../testing/fake-daemon.ts';
import { createContainer } from './container.ts';
import { needImage, openRuntime, type Runtime } from './runtime.ts';
import { findUnfit } from './unfit.ts';

const failure = async (of: Promise<unknown>): Promise<{ code: string; message: string; exitCode: number }> => {
  const error = await of.then(
    () => new Error('it did not fail'),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(HarnessError);
  return error as HarnessError;
};
const openWith = async (over: Record<string, FakeAnswer>): Promise<Runtime> => {
  await using _daemon = await startFakeDaemon({ ...HEALTHY, ...over });
  return await openRuntime();
};

it('a healthy one of this machine is fit', async () => {
  const runtime = await openWith({});
  expect(runtime).toMatchObject({ version: '20.10.24', generation: '20.10', isLocal: true, isRootless: false });
  expect(findUnfit(runtime)).toBeNull();
});

it('no socket there: says where it looked, and how to say where it is', async () => {
  const before = process.env.DOCKER_HOST;
  process.env.DOCKER_HOST = 'unix:///no/such/docker.sock';
  const { code, message, exitCode } = await failure(openRuntime());
  if (before === undefined) delete process.env.DOCKER_HOST;
  else process.env.DOCKER_HOST = before;
  expect({ code, exitCode }).toEqual({ code: 'E_DOCKER_UNREACHABLE', exitCode: 255 });
  expect(message).toContain('unix:///no/such/docker.sock (found by DOCKER_HOST)');
  expect(message).toContain('start it, or correct DOCKER_HOST');
});

it('something else listens there', async () => {
  const html = { status: 200, body: '<html>welcome</html>' };
  const { code } = await failure(openWith({ 'GET /version': html, 'GET /info': html }));
  expect(code).toBe('E_DOCKER_UNREACHABLE');
});

it('no permission on its socket', async () => {
  await using daemon = await startFakeDaemon(HEALTHY);
  chmodSync(daemon.socketPath, 0o000);
  const isRoot = process.getuid?.() === 0;
  // Nobody is denied anything while they are root.
  if (isRoot) {
    chmodSync(daemon.socketPath.replace(/\/[^/]*$/, ''), 0o755);
    process.seteuid!(65_534);
  }
  const { code, message } = await failure(openRuntime()).finally(() => isRoot && process.seteuid!(0));
  expect(code).toBe('E_DOCKER_PERMISSION');
  expect(message).toContain('join the group that owns the socket');
});

it('an old daemon: says which it is and which is needed', async () => {
  const old = { status: 200, body: { Version: '18.06.3-ce', ApiVersion: '1.38' } };
  const { code, message } = await failure(openWith({ 'GET /version': old }));
  expect(code).toBe('E_DOCKER_OLD');
  expect(message).toContain('18.06.3-ce: 18.09 or later is needed');
});

it.each([
  ['E_DOCKER_ROOTLESS', { SecurityOptions: ['name=seccomp,profile=default', 'name=rootless'] }, 'is rootless'],
  ['E_DOCKER_REMOTE', { KernelVersion: '0.0.1-linuxkit' }, 'another kernel'],
])('one that cannot carry runs: %s', async (code, over, said) => {
  const { body } = HEALTHY['GET /info']!;
  const runtime = await openWith({ 'GET /info': { status: 200, body: { ...(body as object), ...over } } });
  expect(findUnfit(runtime)).toMatchObject({ code, message: expect.stringContaining(said) });
});

it.each([
  [
    'driver failed programming external connectivity: Bind for 127.0.0.1:80 failed: port is already allocated',
    'a port is taken',
  ],
  ['listen tcp4 127.0.0.1:80: bind: address already in use', 'a port is taken'],
  ['mkdir /var/lib/docker/overlay2/x: no space left on device', 'the disk of the engine is full: make room'],
  ['something nobody has seen', 'see what the engine said'],
])('a start that is refused: %s', async (message, remedy) => {
  await using _daemon = await startFakeDaemon({
    ...HEALTHY,
    'POST /containers/create': { status: 201, body: { Id: 'abc' } },
    'POST /containers/abc/start': { status: 500, body: { message } },
  });
  const container = await createContainer(await openRuntime(), { name: 'web-x', Image: 'any' });
  const said = await failure(container.start());
  expect(said.code).toBe('E_DOCKER_CONTAINER');
  expect(said.message).toContain(remedy);
  expect(said.message).toContain(message);
});

it.each([
  [404, 'pull access denied for no/such, repository does not exist'],
  [500, 'Get "https://mirror.invalid/v2/": dial tcp: lookup mirror.invalid: no such host'],
])('an image that cannot be had (%s)', async (status, message) => {
  await using _daemon = await startFakeDaemon({ ...HEALTHY, 'POST /images/create': { status, body: { message } } });
  const said = await failure(needImage(await openRuntime(), 'no/such:1'));
  expect(said.code).toBe('E_DOCKER_IMAGE');
  expect(said.message).toMatch(/no\/such:1 is not here and cannot be pulled.*images:/);
});
