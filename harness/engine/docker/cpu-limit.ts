// A share of one core for a container (`docker update`), and what the kernel says that it did.

import type Docker from 'dockerode';
import type { CpuLimitFacts } from '../../model/parts.ts';
import { bounded } from './bounded.ts';
import type { RunContainer } from './container.ts';

const PERIOD_US = 100_000;

/** Limits it; resolves to what takes the limit away. */
export async function limitContainerCpu(
  { handle, name }: Pick<RunContainer, 'handle' | 'name'>,
  share: number,
): Promise<() => Promise<CpuLimitFacts>> {
  const update = (quota: number): Promise<unknown> =>
    bounded(`update ${name}`, (abortSignal) =>
      handle.update({ CpuPeriod: PERIOD_US, CpuQuota: quota, abortSignal } as never),
    );
  await update(Math.max(1_000, Math.round(share * PERIOD_US)));
  const before = await readThrottling(handle, name);
  return async () => {
    const after = await readThrottling(handle, name);
    await update(-1);
    return {
      periods: after.periods - before.periods,
      throttledPeriods: after.throttledPeriods - before.throttledPeriods,
    };
  };
}

async function readThrottling(handle: Docker.Container, name: string): Promise<CpuLimitFacts> {
  const stats = await bounded(`stats ${name}`, () => handle.stats({ stream: false, 'one-shot': true }));
  const { periods, throttled_periods: throttledPeriods } = stats.cpu_stats.throttling_data;
  return { periods, throttledPeriods };
}
