// Runs jobs on two cores: light ones two at a time, heavy ones alone. The order of the results is that of the jobs.

/** Runs all; `isLight` says which may share. Resolves when the last has ended, rejects with the first error. */
export async function shareCores<Job, Outcome>(
  jobs: readonly Job[],
  { isLight, run }: { isLight(job: Job): boolean; run(job: Job): Promise<Outcome> },
): Promise<Outcome[]> {
  const outcomes = new Array<Outcome>(jobs.length);
  const numbered = jobs.map((job, index) => ({ job, index }));
  const light = numbered.filter(({ job }) => isLight(job));
  const runNext = async (): Promise<void> => {
    for (let next = light.shift(); next; next = light.shift()) outcomes[next.index] = await run(next.job);
  };
  await Promise.all([runNext(), runNext()]);
  for (const { job, index } of numbered.filter((one) => !isLight(one.job))) outcomes[index] = await run(job);
  return outcomes;
}
