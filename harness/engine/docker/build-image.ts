// `build:` of an agent file: a folder with a Dockerfile, built by the daemon and tagged by the agent's name.

import { readdirSync } from 'node:fs';
import { HarnessError } from '../../core/errors.ts';
import { bounded } from './bounded.ts';
import { labelsOf } from './labels.ts';
import type { RunBed } from './run-bed.ts';

const BUILD_WITHIN_MS = 600_000;

/** Builds and resolves to the tag. Throws E_AGENT_BUILD with what the daemon said. */
export async function buildImage({ runtime, input }: RunBed, folder: string): Promise<string> {
  const { agent, runName } = input.plan;
  const tag = `larsen-built/${agent.name.toLowerCase().replace(/[^a-z0-9-]/g, '-')}:latest`;
  try {
    const src = readdirSync(folder);
    await bounded(
      `build ${folder}`,
      async (abortSignal) => {
        const options = { t: tag, version: '1' as const, labels: labelsOf(runName, 'image'), abortSignal };
        const stream = await runtime.docker.buildImage({ context: folder, src }, options);
        await new Promise<void>((resolve, reject) =>
          runtime.docker.modem.followProgress(stream, (error) => (error ? reject(error) : resolve())),
        );
      },
      BUILD_WITHIN_MS,
    );
    return tag;
  } catch (cause) {
    throw new HarnessError(
      'E_AGENT_BUILD',
      `Agent ${agent.name}: the image of \`build: ${folder}\` could not be made`,
      {
        cause,
      },
    );
  }
}
