// Which lines of a daemon's log tell of trouble with its log drivers, in the words of real daemons.

import { expect, test } from 'vitest';
import { findTrouble, followCommand } from './daemon-log.ts';

test.each([
  [
    'level=error msg="Failed to log msg \\"\\" for logger fluentd: fluent#appendBuffer: Buffer full, limit 1000"',
    'buffer-full',
  ],
  ['[2026-11-22T14:14:18Z] Unable to send logs to fluentd, reconnecting...', 'reconnecting'],
  ["fluent#send: can't send logs, client is reconnecting", 'reconnecting'],
  ['[2026-11-22T14:07:20Z] Discarding queued events...', 'discarded'],
  ['level=error msg="Logger didn\'t exit in time: logs may be truncated"', 'not-closed'],
  [
    'level=error msg="Failed to log msg \\"\\" for logger fluentd: write unix @->/sock: write: broken pipe"',
    'not-logged',
  ],
  ['level=info msg="Configured log driver does not support reads, enabling local file cache"', null],
])('%s', (line, trouble) => expect(findTrouble(line)).toBe(trouble));

test('the file that is named is followed, else the journal where there is one', () => {
  const all = (): boolean => true;
  expect(followCommand({ LARSEN_DOCKERD_LOG: '/x/dockerd.log' }, all)).toEqual([
    'tail',
    '-n',
    '0',
    '-F',
    '/x/dockerd.log',
  ]);
  expect(followCommand({ LARSEN_DOCKERD_LOG: '/x/dockerd.log' }, () => false)).toBeNull();
  expect(followCommand({}, all)?.[0]).toBe('journalctl');
  expect(followCommand({}, () => false)).toBeNull();
});
