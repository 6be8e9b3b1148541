// The built-in shapes: how a line looks. To add one: a file here, a line below, its fingerprint in the test.

import type { AccessShape } from './access-shape.ts';
import { brokenJson } from './broken-json.ts';
import { controlBytes } from './control-bytes.ts';
import { crumbs } from './crumbs.ts';
import { invalidUtf8 } from './invalid-utf8.ts';
import { json } from './json.ts';
import { multiByte } from './multi-byte.ts';
import { peertube } from './peertube.ts';
import { peertube2019 } from './peertube-2019.ts';
import { peertubeJson } from './peertube-json.ts';
import { personal } from './personal.ts';
import { plain } from './plain.ts';
import { traefikClf } from './traefik-clf.ts';
import { traefikJson } from './traefik-json.ts';

/** All built-in shapes. Each is a ShapeDefinition that can format real requests too. */
export const shapes: AccessShape[] = [
  plain,
  traefikClf,
  traefikJson,
  peertube2019,
  peertube,
  peertubeJson,
  json,
  brokenJson,
  controlBytes,
  crumbs,
  invalidUtf8,
  multiByte,
  personal,
];
