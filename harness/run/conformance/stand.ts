// The stand that an agent is tried on: a far end for its pushes, the agent as its file says, and senders in front of it.
//
//   rows ──► senders ──Forward over unix or TCP──► agent ──push──► far end ──► rows

import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { prepareAgent } from '../../agents/registry.ts';
import { waitUntil } from '../../core/wait-until.ts';
import { PACKAGE_DIR } from '../../engine/package-dir.ts';
import { type AgentProcess, createAgentProcess } from '../../engine/process/agent-process.ts';
import { freePort } from '../../engine/shared/free-ports.ts';
import { getGuard } from '../../engine/shared/guard.ts';
import type { AgentSpec } from '../../model/agent.ts';
import { type ArrivedEntry, type FarEnd, openFarEnd } from './far-end.ts';
import { openSender, type Sender } from './sender.ts';

/** An agent that runs, and what is around it. */
export interface Stand extends AsyncDisposable {
  forwardUrl: string;
  farEnd: FarEnd;
  agent: AgentProcess;
  connect(): Promise<Sender>;
  /** Waits for an entry that holds the marker, at most `patienceMs`. */
  arrival(marker: string): Promise<ArrivedEntry | undefined>;
  /** A word that stands in no other line. */
  marker(name: string): string;
}

/** Starts the agent. Throws E_AGENT_START or what its file lacks. */
export async function openStand(
  spec: AgentSpec,
  { address, patienceMs, logFolder }: { address: 'unix' | 'tcp'; patienceMs: number; logFolder: string | null },
): Promise<Stand> {
  const folder = getGuard().createFolder('conformance');
  const farEnd = await openFarEnd();
  const forwardUrl =
    address === 'unix' ? `unix://${join(folder, 'agent.sock')}` : `tcp://127.0.0.1:${await freePort()}`;
  for (const name of ['data', 'shared', 'temp']) mkdirSync(join(folder, name));
  let agent: AgentProcess | null = null;
  const close = async (): Promise<void> => {
    farEnd.resume();
    await agent?.stop();
    await farEnd[Symbol.asyncDispose]();
    getGuard().removeFolder(folder);
  };
  try {
    const { command, env, cwd } = await prepareAgent({
      ...{ spec, forwardUrl, sinkUrl: farEnd.url, httpPort: await freePort(), packageDir: PACKAGE_DIR },
      ...{ dataDir: join(folder, 'data'), sharedDir: join(folder, 'shared'), tempDir: join(folder, 'temp') },
    });
    agent = createAgentProcess({
      ...{ name: spec.name, command, env, cwd, forwardUrl },
      readyWithinMs: spec.process.readyWithinMs,
      drainWithinMs: spec.process.drainWithinMs,
      openOutput: () => openLog(logFolder === null ? '/dev/null' : join(logFolder, `agent-${address}.log`)),
      record: () => undefined,
    });
    await agent.start();
  } catch (error) {
    await close();
    throw error;
  }
  let markers = 0;
  return {
    ...{ forwardUrl, farEnd, agent, connect: () => openSender(forwardUrl), [Symbol.asyncDispose]: close },
    marker: (name) => `lrsconf-${name}-${++markers}z`,
    arrival: async (marker) => {
      const find = (): ArrivedEntry | undefined => farEnd.entries().find(({ text }) => text.includes(marker));
      await waitUntil(() => find() !== undefined, { withinMs: patienceMs, everyMs: 50 });
      return find();
    },
  };
}

function openLog(file: string): { stdout: number; stderr: number; close(): void } {
  const fd = openSync(file, 'a');
  return { stdout: fd, stderr: fd, close: () => closeSync(fd) };
}
