// What the docker engine finds here: the daemon as the `docker` client would find it, its version and whether it shares
// this machine, and the images that a run needs, each with the way to get it.

import { describeError } from '../core/errors.ts';
import type { DoctorFinding } from './doctor-finding.ts';

/** Looks; `isNeeded`: for the docker engine, so that what is not there is missing and not just noted. */
export async function examineDocker(isNeeded: boolean): Promise<DoctorFinding[]> {
  const absent = isNeeded ? 'missing' : 'note';
  const { openRuntime } = await import('../engine/docker/runtime.ts');
  try {
    const runtime = await openRuntime();
    const { host, version, generation, isLocal } = runtime;
    const text = `${version} at ${host.url} (by ${host.foundBy}); its log drivers behave as \`docker: "${generation}"\``;
    const found: DoctorFinding[] = [{ name: 'docker', state: 'ok', text }];
    if (!isNeeded) return found;
    if (!isLocal)
      found.push({
        name: 'docker host',
        state: 'missing',
        text: "it runs on another kernel: the docker engine needs one that shares this machine's files and processes",
      });
    return [...found, ...(await examineImages(runtime))];
  } catch (error) {
    const text = isNeeded ? describeError(error) : 'no Docker engine answers here; the process engine needs none';
    return [{ name: 'docker', state: absent, text }];
  }
}

async function examineImages(
  runtime: Awaited<ReturnType<typeof import('../engine/docker/runtime.ts')['openRuntime']>>,
): Promise<DoctorFinding[]> {
  const { neededImages } = await import('../engine/docker/needed-images.ts');
  const images = await neededImages(runtime);
  return images.map(({ name, use, isThere }) => ({
    name: 'image',
    state: isThere ? 'ok' : 'missing',
    text: isThere
      ? `${name} (${use})`
      : `${name} (${use}) is not here: \`docker pull ${name}\`, or \`npm run images\` where there is no registry`,
  }));
}
