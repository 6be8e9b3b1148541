// What `larsen doctor --engine docker` says, of daemons good and bad.

import { expect, it } from 'vitest';
import { type FakeAnswer, HEALTHY, startFakeDaemon } from '../testing/fake-daemon.ts';
import { examineDocker } from './doctor-docker.ts';

const HERE = { status: 200, body: { Config: { Labels: {} } } };
const imagesHere = (...names: string[]): Record<string, FakeAnswer> =>
  Object.fromEntries(names.map((name) => [`GET /images/${encodeURI(name)}/json`, HERE]));
const [NODE, LOKI, TRAEFIK] = [`larsen/node:${process.versions.node}`, 'grafana/loki:3.7.8', 'traefik:v3.6.12'];

const examine = async (answers: Record<string, FakeAnswer>, images: Record<string, string> = {}) => {
  await using daemon = await startFakeDaemon({ ...HEALTHY, ...answers });
  const findings = await examineDocker(true, images);
  return { findings, socket: daemon.socketPath };
};
const missing = ({ findings }: Awaited<ReturnType<typeof examine>>): string[] =>
  findings.filter(({ state }) => state === 'missing').map(({ text }) => text);

it('is content where the daemon and all images are there, and says how it found them', async () => {
  const examined = await examine(imagesHere(NODE, LOKI, TRAEFIK));
  expect(missing(examined)).toEqual([]);
  expect(examined.findings[0]!.text).toBe(
    `20.10.24 at unix://${examined.socket} (by DOCKER_HOST); its log drivers behave as \`docker: "20.10"\``,
  );
});

it('names each image that is missing and both ways to get it', async () => {
  const said = missing(await examine(imagesHere(NODE)));
  expect(said).toHaveLength(2);
  expect(said[0]).toContain('`docker pull grafana/loki:3.7.8`');
  expect(said[0]).toContain('`images: { "grafana/loki": "grafana/loki:1.6.1" }` in larsen.config');
  expect(said[1]).toContain(
    'traefik:v3.6.12 (apps of type traefik) is not here: `docker pull traefik:v3.6.12`, or `npm run images`',
  );
});

it('looks for the images that larsen.config names in their place', async () => {
  const other = 'mirror/loki:3.7.8';
  const there = await examine(imagesHere(NODE, other, TRAEFIK), { 'grafana/loki': other });
  expect(missing(there)).toEqual([]);
  expect(there.findings.map(({ text }) => text)).toContain(
    `${other} in place of ${LOKI} (the sink, \`version: "3.7"\`)`,
  );
  expect(missing(await examine(imagesHere(NODE, LOKI, TRAEFIK), { 'grafana/loki': other }))).toHaveLength(1);
});

it('says that a rootless daemon will not do', async () => {
  const info = { ...(HEALTHY['GET /info']!.body as object), SecurityOptions: ['name=rootless'] };
  const examined = await examine({ ...imagesHere(NODE, LOKI, TRAEFIK), 'GET /info': { status: 200, body: info } });
  expect(missing(examined)).toEqual([expect.stringContaining('is rootless')]);
});

it('says what to do where none answers', async () => {
  const said = missing(await examine({ 'GET /version': { status: 500, body: { message: 'out of order' } } }));
  expect(said).toEqual([expect.stringContaining('start it, or correct DOCKER_HOST or the context')]);
});
