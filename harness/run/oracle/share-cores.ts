// Runs jobs beside each other on the cores of one machine: each says which share of it it needs, and together they never
// need more than all. The hungriest go first, small ones fill what they leave. The order of the results is that of the jobs.

/** How much of the machine a job needs, above 0 up to 1, and what it does. */
export interface SharedWork<Job, Outcome> {
  shareOf(job: Job): number;
  run(job: Job): Promise<Outcome>;
  /** Asked before each job: true leaves all that have not begun undone. */
  isOver?(): boolean;
}

/** Runs all; resolves when the last has ended, with undefined for what was left undone, and rejects with the first error. */
export async function shareCores<Job, Outcome>(
  jobs: readonly Job[],
  { shareOf, run, isOver = () => false }: SharedWork<Job, Outcome>,
): Promise<(Outcome | undefined)[]> {
  const outcomes = new Array<Outcome | undefined>(jobs.length).fill(undefined);
  const waiting = jobs
    .map((job, index) => ({ job, index, share: Math.min(1, shareOf(job)) }))
    .sort((a, b) => b.share - a.share);
  const running = new Set<Promise<unknown>>();
  let taken = 0;
  const start = ({ job, index, share }: (typeof waiting)[number]): void => {
    taken += share;
    const ended = run(job).then((outcome) => {
      outcomes[index] = outcome;
      taken -= share;
      running.delete(ended);
    });
    running.add(ended);
  };
  while (waiting.length > 0 || running.size > 0) {
    const next = isOver() ? -1 : waiting.findIndex(({ share }) => taken + share <= 1 + ROUNDING);
    if (next !== -1) start(waiting.splice(next, 1)[0]!);
    else if (running.size > 0) await Promise.race(running);
    else break;
  }
  return outcomes;
}

const ROUNDING = 1e-9;
