// docker-compose.test.yml as text: what can be said of it without an engine.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { PACKAGE_DIR } from './package-dir.ts';

interface Service {
  image: string;
  healthcheck?: { test: string[] };
  ports?: string[];
  logging?: { driver: string };
  depends_on?: Record<string, { condition: string }>;
  volumes?: string[];
}

const read = (path: string): string => readFileSync(join(PACKAGE_DIR, path), 'utf8');
const services = Object.entries(
  (parse(read('docker-compose.test.yml'), { merge: true }) as { services: Record<string, Service> }).services,
);

describe('docker-compose.test.yml', () => {
  it('has a health check for every service and publishes on 127.0.0.1 only', () => {
    expect(services.map(([name]) => name)).toContain('agent');
    for (const [name, { healthcheck, ports = [] }] of services) {
      expect(healthcheck?.test.length, name).toBeGreaterThan(1);
      for (const port of ports) expect(port, name).toMatch(/^127\.0\.0\.1:/);
    }
  });

  it('takes a pinned public image by default, and any other by environment', () => {
    for (const [name, { image }] of services)
      expect(image, name).toMatch(/^\$\{LARSEN_[A-Z]+_IMAGE:-[a-z/]+:v?\d[\w.-]*\}$/);
  });

  it('starts nothing behind the synchronous driver before the agent is healthy', () => {
    const behind = services.filter(([, { logging }]) => logging?.driver === 'fluentd');
    expect(behind.map(([name]) => name).sort()).toEqual(['media', 'traefik']);
    for (const [name, { depends_on }] of behind) expect(depends_on?.agent?.condition, name).toBe('service_healthy');
  });

  it('mounts folders that are there', () => {
    const folders = services.flatMap(([, { volumes = [] }]) =>
      volumes.flatMap((volume) => /^\$\{LARSEN_PACKAGE:-\.\}(\/[^:]+):/.exec(volume)?.[1] ?? []),
    );
    expect(folders.length).toBeGreaterThan(3);
    for (const folder of folders) expect(existsSync(join(PACKAGE_DIR, folder)), folder).toBe(true);
  });
});

describe('the dashboard', () => {
  it('asks only data sources that are provisioned', () => {
    const { datasources } = parse(read('images/stand/grafana/provisioning/datasources/stand.yml')) as {
      datasources: { uid: string }[];
    };
    const { panels } = JSON.parse(read('images/stand/grafana/dashboards/run.json')) as {
      panels: { datasource: { uid: string }; targets: { datasource: { uid: string } }[] }[];
    };
    const asked = panels.flatMap(({ datasource, targets }) => [
      datasource,
      ...targets.map((target) => target.datasource),
    ]);
    expect([...new Set(asked.map(({ uid }) => uid))].sort()).toEqual(datasources.map(({ uid }) => uid).sort());
  });
});
