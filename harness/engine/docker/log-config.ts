// From the `driver` of an agent file to the LogConfig of a container: Docker's own log-opts, word for word.

import type { HostConfig } from 'dockerode';
import { parseDriverOptions } from '../../driver/options.ts';
import type { DriverSpec } from '../../model/scenario.ts';

/** A container's log driver and its options. Throws E_AGENT_DRIVER for options that this Docker does not know. */
export function createLogConfig(
  spec: DriverSpec,
  { forwardUrl, tag }: { forwardUrl: string; tag: string },
): NonNullable<HostConfig['LogConfig']> {
  parseDriverOptions(spec);
  if (spec.name === 'syslog')
    return { Type: 'syslog', Config: { 'syslog-address': forwardUrl, tag, ...ringOptions(spec), ...spec.options } };
  if (spec.name !== 'fluentd') return { Type: spec.name, Config: { ...ringOptions(spec), ...spec.options } };
  const isAsyncSaid = 'fluentd-async' in spec.options || 'fluentd-async-connect' in spec.options;
  const asyncKey = spec.docker === '18.09' ? 'fluentd-async-connect' : 'fluentd-async';
  return {
    Type: 'fluentd',
    Config: {
      'fluentd-address': forwardUrl,
      ...(isAsyncSaid ? {} : { [asyncKey]: String(spec.async) }),
      'fluentd-buffer-limit': String(spec.bufferLimit),
      'fluentd-retry-wait': `${spec.retryWaitMs}ms`,
      tag,
      ...ringOptions(spec),
      ...spec.options,
    },
  };
}

function ringOptions({ mode }: DriverSpec): Record<string, string> {
  return mode === 'non-blocking' ? { mode } : {};
}
