// Options: labels and variables in the record, what keeps a container from starting, and what does not.

import { join } from 'node:path';
import { sleep } from '../../core/real-clock.ts';
import { WRITE } from './programs.ts';
import { type DriverSuite, SOCKET } from './suite.ts';

/** Adds the rows. */
export function addOptionRows({ folder, messages, listen, run, row }: DriverSuite): void {
  const extras = { labels: { 'com.a': '1', 'com.b': '2', other: '3' }, env: { MODE: 'x', MODEL: 'y', REST: 'z' } };
  const extraKeys = async (options: Record<string, string>): Promise<string> => {
    const { record } = (await messages(WRITE('a\n'), options, extras))[0]!;
    const own = ['container_id', 'container_name', 'log', 'source'];
    return Object.entries(record)
      .filter(([key]) => !own.includes(key))
      .map(([key, value]) => `${key}=${value}`)
      .sort()
      .join(' ');
  };
  row('labels and env', 'MODE=x com.a=1', () => extraKeys({ labels: 'com.a,none', env: 'MODE,NONE' }));
  row('labels-regex and env-regex', 'MODE=x MODEL=y com.a=1 com.b=2', () =>
    extraKeys({ 'labels-regex': '^com\\.', 'env-regex': '^MODE' }),
  );
  row('a label named log', 'takes the place of the line', async () => {
    const { record } = (await messages(WRITE('a\n'), { labels: 'log' }, { labels: { log: 'mine' } }))[0]!;
    return record.log === 'mine' ? 'takes the place of the line' : record.log!;
  });
  row(
    'sync start without a listener',
    'failed to initialize logging driver: dial unix SOCKET: connect: no such file or directory',
    async () => {
      const { error } = await run(WRITE('a\n'));
      const text = (error ?? 'started').replace(join(folder(), SOCKET), 'SOCKET');
      return text.slice(Math.max(0, text.indexOf('failed to initialize'))).trim();
    },
  );
  row('async start without a listener that comes a second later', 'starts, then delivers', async () => {
    const { error, ended } = await run(`${WRITE('a\n')}setTimeout(() => 0, 4000)`, { 'fluentd-async': 'true' });
    await sleep(1_000);
    const at = await listen();
    await ended(20_000);
    return `${error ?? 'starts'}, then ${at.messages().length === 1 ? 'delivers' : 'does not deliver'}`;
  });
  row('an unknown log-opt', "unknown log opt 'fluentd-asynch' for fluentd log driver", async () => {
    await listen();
    const { error } = await run(WRITE('a\n'), { 'fluentd-asynch': 'true' });
    return /unknown log opt '[^']*' for fluentd log driver/.exec(error ?? '')?.[0] ?? String(error);
  });
}
