// Every program and image that can be made, in one list. Those without `optional` are what the docker engine needs.

import { createDebianImage } from './debian-image.ts';
import { createGoProgram } from './go-program.ts';
import { createAgentImage, createAppsImage, createNodeImage } from './larsen-images.ts';
import { createProgramImage } from './program-image.ts';
import type { Recipe } from './recipe.ts';

/** The last line of Loki under the Apache licence. Sites with a registry take the public image of a newer one. */
const LOKI = '1.6.1';
const TRAEFIK = '3.6.12';
const DOCKER = '28.5.2';
const OTELCOL = '0.165.0';
const COMPOSE = '2.40.3';

/** All recipes. */
export const RECIPES: readonly Recipe[] = [
  createNodeImage(),
  createAgentImage(),
  createAppsImage(),
  createGoProgram({
    name: 'loki',
    summary: `compiles Loki ${LOKI}`,
    packages: { loki: 'github.com/grafana/loki/cmd/loki' },
    variables: { 'github.com/grafana/loki/pkg/build.Version': LOKI },
  }),
  createProgramImage({
    name: 'loki-image',
    program: 'loki',
    tag: `grafana/loki:${LOKI}`,
    files: ['loki/Dockerfile', 'loki/loki.yaml', 'loki/loki-ready'],
    busybox: true,
  }),
  createGoProgram({
    name: 'traefik',
    summary: `compiles Traefik ${TRAEFIK}`,
    packages: { traefik: 'github.com/traefik/traefik/v3/cmd/traefik' },
    variables: { 'github.com/traefik/traefik/v3/pkg/version.Version': TRAEFIK },
  }),
  createProgramImage({
    name: 'traefik-image',
    program: 'traefik',
    tag: `traefik:v${TRAEFIK}`,
    files: ['traefik/Dockerfile'],
  }),
  createGoProgram({
    name: 'dockerd',
    summary: `compiles the Docker daemon ${DOCKER}, for a second one beside the first`,
    packages: {
      dockerd: 'github.com/docker/docker/cmd/dockerd',
      'docker-proxy': 'github.com/docker/docker/cmd/docker-proxy',
    },
    variables: { 'github.com/docker/docker/dockerversion.Version': DOCKER },
    optional: true,
  }),
  createGoProgram({
    name: 'docker-compose',
    folder: 'compose',
    summary: `compiles Docker Compose ${COMPOSE}, where the client has no such plug-in`,
    packages: { 'docker-compose': 'github.com/docker/compose/v2/cmd' },
    variables: { 'github.com/docker/compose/v2/internal.Version': `v${COMPOSE}` },
    optional: true,
  }),
  createGoProgram({
    name: 'otelcol',
    summary: `compiles an OpenTelemetry Collector ${OTELCOL} that takes Forward and sends OTLP`,
    packages: { otelcol: '.' },
    variables: { 'main.version': OTELCOL },
    sources: ['main.go'],
    optional: true,
  }),
  createProgramImage({
    name: 'otelcol-image',
    program: 'otelcol',
    tag: `larsen/otelcol:${OTELCOL}`,
    files: ['otelcol/Dockerfile'],
    optional: true,
  }),
  createDebianImage({ name: 'prometheus', packages: ['prometheus'], tag: 'larsen/prometheus:debian', optional: true }),
  createDebianImage({
    name: 'syslog-ng',
    packages: ['syslog-ng-core', 'syslog-ng-mod-http'],
    tag: 'larsen/syslog-ng:debian',
    optional: true,
  }),
];
