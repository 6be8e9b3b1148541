// docker-compose.test.yml for real: every service gets healthy, each request's lines go through Traefik, the daemon's
// driver, larsen-agent and the recording hop into Loki, and every query of the dashboard has an answer.
// Grafana itself is not started: its provisioning is checked by what it would ask.

import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sleep } from '../harness/core/real-clock.ts';
import { freePorts } from '../harness/engine/shared/free-ports.ts';
import { describeDocker, docker } from '../harness/testing/docker.ts';
import { PACKAGE_DIR } from './package-dir.ts';
import { RECIPES } from './registry.ts';
import { createCompose, findCompose } from './testing/compose.ts';

const tagOf = (name: string): string =>
  RECIPES.flatMap((recipe) => (recipe.name === name && 'tag' in recipe ? [recipe.tag] : []))[0]!;
const IMAGES = {
  NODE: tagOf('node'),
  LOKI: tagOf('loki-image'),
  TRAEFIK: tagOf('traefik-image'),
  PROMETHEUS: tagOf('prometheus'),
};
const SERVICES = ['traefik', 'media', 'agent', 'recorder', 'loki', 'prometheus'];
const REQUESTS = 200;
const UP_WITHIN_S = 90;

interface Panel {
  title: string;
  targets: { expr: string; datasource: { uid: 'prometheus' | 'loki' } }[];
}

const isRequired = process.env.LARSEN_REQUIRE_DOCKER === '1';
const lacksCompose = findCompose() === null && !isRequired;
const TITLE = 'the stand of docker-compose.test.yml';

describe.skipIf(lacksCompose)(
  lacksCompose ? `${TITLE} (no Docker Compose: npm run images -- docker-compose)` : TITLE,
  () => {
    describeDocker('brought up', Object.values(IMAGES), () => {
      const socketDir = mkdtempSync('/tmp/larsen-stand-');
      const names = ['TRAEFIK', 'LOKI', 'RECORDER', 'AGENT', 'PROMETHEUS'] as const;
      let ports: Record<(typeof names)[number], number>;
      let compose: ReturnType<typeof createCompose>;

      beforeAll(async () => {
        if (!findCompose())
          throw new Error('Docker has no `compose` here: `npm run images -- docker-compose` compiles it');
        // Its user is not root, as that of a site's agent should be.
        chmodSync(socketDir, 0o777);
        const found = await freePorts(names.length);
        ports = Object.fromEntries(names.map((name, index) => [name, found[index]!])) as typeof ports;
        compose = createCompose(join(PACKAGE_DIR, 'docker-compose.test.yml'), {
          ...Object.fromEntries(names.map((name) => [`LARSEN_${name}_PORT`, String(ports[name])])),
          ...Object.fromEntries(Object.entries(IMAGES).map(([name, image]) => [`LARSEN_${name}_IMAGE`, image])),
          LARSEN_STAND: `larsen-stand-${process.pid}`,
          LARSEN_SOCKET_DIR: socketDir,
          LARSEN_LOKI_HEALTH: '/usr/bin/loki-ready',
          LARSEN_AGENT_USER: '10001:10001',
        });
        await compose(
          '--profile',
          'observe',
          'up',
          '--detach',
          '--pull',
          'never',
          '--wait',
          '--wait-timeout',
          String(UP_WITHIN_S),
          ...SERVICES,
        );
        await Promise.all(Array.from({ length: REQUESTS }, (_, index) => request(index)));
      });

      afterAll(async () => {
        await compose?.('--profile', 'observe', 'down', '--volumes', '--timeout', '5');
        rmSync(socketDir, { recursive: true, force: true });
      });

      const request = async (index: number): Promise<void> => {
        const answer = await fetch(`http://127.0.0.1:${ports.TRAEFIK}/static/video-${index}.mp4`);
        await answer.arrayBuffer();
        if (answer.status !== 200) throw new Error(`request ${index} got ${answer.status}`);
      };
      const ask = async (source: 'prometheus' | 'loki', expr: string): Promise<number> => {
        const nowS = Date.now() / 1_000;
        const path = source === 'loki' ? '/loki/api/v1/query_range' : '/api/v1/query_range';
        const url = new URL(`http://127.0.0.1:${source === 'loki' ? ports.LOKI : ports.PROMETHEUS}${path}`);
        const range =
          source === 'loki' ? [(nowS - 120) * 1e9, nowS * 1e9].map((ns) => BigInt(Math.round(ns))) : [nowS - 120, nowS];
        url.search = new URLSearchParams({
          query: expr,
          start: `${range[0]}`,
          end: `${range[1]}`,
          step: '2',
        }).toString();
        const answer = await fetch(url);
        if (!answer.ok) throw new Error(`${expr}: ${answer.status} ${await answer.text()}`);
        const { data } = (await answer.json()) as {
          data: { resultType: string; result: { values: [unknown, string][] }[] };
        };
        const values = data.result.flatMap((series) => series.values.map(([, value]) => value));
        return data.resultType === 'streams'
          ? values.length
          : values.filter((value) => Number.isFinite(Number(value))).length;
      };

      it('is healthy in every service', async () => {
        const states = (await compose('ps', '--format', 'json'))
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as { Service: string; Health: string });
        expect(Object.fromEntries(states.map(({ Service, Health }) => [Service, Health]))).toEqual(
          Object.fromEntries(SERVICES.map((service) => [service, 'healthy'])),
        );
      });

      it('publishes nothing beyond this machine', async () => {
        const filters = { label: [`com.docker.compose.project=larsen-stand-${process.pid}`] };
        const containers = await docker.listContainers({ filters });
        const addresses = containers.flatMap(({ Ports }) =>
          Ports.flatMap(({ IP, PublicPort }) => (PublicPort ? [IP] : [])),
        );
        expect([...new Set(addresses)]).toEqual(['127.0.0.1']);
      });

      it('stores the two lines of each request, no more and no less', async () => {
        const count = async (): Promise<Record<string, number>> => {
          const url = new URL(`http://127.0.0.1:${ports.LOKI}/loki/api/v1/query`);
          url.search = new URLSearchParams({
            query: 'sum by (app) (count_over_time({app=~".+"} |~ "video-[0-9]+" [5m]))',
          }).toString();
          const { data } = (await (await fetch(url)).json()) as {
            data: { result: { metric: { app: string }; value: [number, string] }[] };
          };
          return Object.fromEntries(
            data.result.map(({ metric, value }) => [metric.app.replace(/^.*-(\w+)-1$/, '$1'), Number(value[1])]),
          );
        };
        let counted: Record<string, number> = {};
        for (
          let tries = 0;
          tries < 40 && Object.values(counted).reduce((sum, lines) => sum + lines, 0) < 2 * REQUESTS;
          tries++
        ) {
          await sleep(250);
          counted = await count();
        }
        expect(counted).toEqual({ traefik: REQUESTS, media: REQUESTS });
      });

      it('answers every query of the dashboard, and none of a name that nobody has', async () => {
        const file = join(PACKAGE_DIR, 'images/stand/grafana/dashboards/run.json');
        const { panels } = JSON.parse(readFileSync(file, 'utf8')) as { panels: Panel[] };
        const queries = panels.flatMap(({ title, targets }) =>
          targets.map(({ expr, datasource }) => ({ title, expr, source: datasource.uid })),
        );
        expect(queries.length).toBeGreaterThan(10);
        const isEmpty = async ({ source, expr }: (typeof queries)[number]): Promise<boolean> =>
          (await ask(source, expr)) === 0;
        let empty = queries;
        // Rates need two scrapes, two seconds apart, and something between them.
        for (let tries = 0; tries < 20 && empty.length > 0; tries++) {
          await request(REQUESTS + tries);
          if (tries > 0) await sleep(500);
          const asked = await Promise.all(empty.map(isEmpty));
          empty = empty.filter((_, index) => asked[index]);
        }
        expect(empty).toEqual([]);
        expect(await ask('prometheus', 'larsen_agent_records_recieved_total')).toBe(0);
        expect(await ask('loki', '{app="nobody"}')).toBe(0);
      });

      it('has an agent whose own output is not among what it takes in', async () => {
        const page = await (await fetch(`http://127.0.0.1:${ports.AGENT}/metrics`)).text();
        expect(page).toMatch(/^larsen_agent_records_received_total\{app="[^"]*media[^"]*"\} \d+$/m);
        expect(page).not.toMatch(/^larsen_agent_records_received_total\{app="[^"]*agent[^"]*"\}/m);
        expect(page).toMatch(/^larsen_agent_self_records_total 0$/m);
      });
    });
  },
);
