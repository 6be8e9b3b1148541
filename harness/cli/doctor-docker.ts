// What the docker engine finds here: the daemon as the `docker` client would find it, its version and whether it shares
// this machine, and the images that a run needs, each with the way to get it.

import { describeError } from '../core/errors.ts';
import type { DoctorFinding } from './doctor-finding.ts';

/** Looks; `isNeeded`: for the docker engine, so that what is not there is missing and not just noted. */
export async function examineDocker(isNeeded: boolean, images: Record<string, string> = {}): Promise<DoctorFinding[]> {
  const absent = isNeeded ? 'missing' : 'note';
  const { openRuntime } = await import('../engine/docker/runtime.ts');
  const { findUnfit } = await import('../engine/docker/unfit.ts');
  try {
    const runtime = await openRuntime();
    const { host, version, generation } = runtime;
    const text = `${version} at ${host.url} (by ${host.foundBy}); its log drivers behave as \`docker: "${generation}"\``;
    const found: DoctorFinding[] = [{ name: 'docker', state: 'ok', text }];
    if (!isNeeded) return found;
    const unfit = findUnfit(runtime);
    if (unfit) found.push({ name: 'docker host', state: 'missing', text: unfit.message });
    return [...found, ...(await examineImages(runtime, images))];
  } catch (error) {
    const text = isNeeded ? describeError(error) : 'no Docker engine answers here; the process engine needs none';
    return [{ name: 'docker', state: absent, text }];
  }
}

type Runtime = Awaited<ReturnType<typeof import('../engine/docker/runtime.ts')['openRuntime']>>;

async function examineImages(runtime: Runtime, images: Record<string, string>): Promise<DoctorFinding[]> {
  const { neededImages } = await import('../engine/docker/needed-images.ts');
  return (await neededImages(runtime, images)).map(({ name, used, use, isThere }) => {
    const what = `${used}${used === name ? '' : ` in place of ${name}`} (${use})`;
    if (isThere) return { name: 'image', state: 'ok', text: what };
    return {
      name: 'image',
      state: 'missing',
      text: `${what} is not here: \`docker pull ${used}\`, or ${makeHere(name)}`,
    };
  });
}

/** The local way. The Loki that can be made is older than the one that is asked for, so it has to be asked for. */
function makeHere(name: string): string {
  const made = '`npm run images` where there is no registry';
  return name.startsWith('grafana/loki:')
    ? `${made}, with \`images: { "grafana/loki": "grafana/loki:1.6.1" }\` in larsen.config`
    : made;
}
