// Agents of other projects behind Docker's own drivers: the OpenTelemetry Collector through its Forward receiver, and
// syslog-ng through the `syslog` driver. What is asked is that they run for real and are judged on what they did, not
// that they are good. Loki 3 with its OTLP can't be made here: the embedded one stands in for it.

import { expect, it } from 'vitest';
import { describeDocker } from '../../testing/docker.ts';
import { createDockerRuns, LOCAL_IMAGES } from '../../testing/docker-runs.ts';

const OTELCOL = 'larsen/otelcol:0.165.0';
const SYSLOG_NG = 'larsen/syslog-ng:debian';
const { node } = LOCAL_IMAGES;
const { run } = createDockerRuns({
  'grafana/loki': 'embedded',
  'otel/opentelemetry-collector-contrib': OTELCOL,
});

describeDocker('agents of other projects', [node, OTELCOL, SYSLOG_NG], () => {
  it.each(['agents/otelcol', 'agents/syslog-ng'])(
    '%s brings every line although it was frozen meanwhile',
    async (agent) => {
      const { verdict, reasons, ledger } = await run('stall/frozen-agent', '--profile', 'quick', '--agent', agent);
      expect({ verdict, reasons }).toEqual({ verdict: 'valid', reasons: [] });
      expect(ledger.total.storedLines).toBe(ledger.total.dueLines);
    },
  );

  it('agents/otelcol is found where the sink answers 500: it repeats 429, 502, 503 and 504 only', async () => {
    const { findings } = await run('loss/sink-outage', '--profile', 'quick', '--agent', 'agents/otelcol');
    expect(findings.map(({ checker, class: kind, hop }) => `${checker}/${kind}@${hop}`)).toEqual(['parity/lost@agent']);
  });

  it('agents/syslog-ng brings every line through the same outage', async () => {
    const { verdict, reasons } = await run('loss/sink-outage', '--profile', 'quick', '--agent', 'agents/syslog-ng');
    expect({ verdict, reasons }).toEqual({ verdict: 'valid', reasons: [] });
  });
});
