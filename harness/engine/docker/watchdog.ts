// The watch over containers: a process in a session of its own whose stdin is held open by larsen. When that closes
// (larsen finished, crashed, or was killed with -9) it removes at once what still carries larsen's labels: containers
// of a killed larsen do not run on until the next start. It loads nothing before it has to.

const SWEEP_WITHIN_MS = 180_000;

let isSweeping = false;
async function sweep(): Promise<void> {
  if (isSweeping) return;
  isSweeping = true;
  setTimeout(() => process.exit(1), SWEEP_WITHIN_MS);
  try {
    const [{ openRuntime }, { sweepContainers }] = await Promise.all([import('./runtime.ts'), import('./sweep.ts')]);
    await sweepContainers(await openRuntime(), { gone: process.argv[2] });
  } finally {
    process.exit(0);
  }
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined);
process.stdin.once('end', sweep).once('error', sweep).resume();
