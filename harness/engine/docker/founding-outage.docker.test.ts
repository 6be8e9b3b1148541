// The founding outage on real parts: Docker's own driver, Traefik, Loki, and an agent that prints what was refused. On
// Docker 20.10 it howls and freezes nobody; the circular wait is a matter of 18.09 and shown on the process engine.

import { expect, it } from 'vitest';
import { describeDocker } from '../../testing/docker.ts';
import { createDockerRuns, LOCAL_IMAGES } from '../../testing/docker-runs.ts';

const { run } = createDockerRuns({ 'grafana/loki': LOCAL_IMAGES.loki });

describeDocker('the founding outage on real parts', Object.values(LOCAL_IMAGES), () => {
  it('howls behind the naive config, with its gain, and loses what was refused', async () => {
    const { verdict, findings, ledger } = await run('founding-outage', '--profile', 'real-parts');
    expect(verdict).toBe('invalid');
    const howl = findings.find(({ checker }) => checker === 'feedback-loop');
    expect(howl).toMatchObject({ class: 'howling', hop: 'agent', remedy: { key: 'self.driver' } });
    // Each round doubles the backslashes; measured: 7.9 times what was refused, nine rounds in 24 s.
    expect(howl!.numbers.gain).toBeGreaterThan(1);
    expect(howl!.numbers.generations).toBeGreaterThanOrEqual(3);
    const classes = findings.map(({ checker, class: kind }) => `${checker}/${kind}`);
    expect(classes).toContain('feedback-loop/payload-echo');
    expect(classes).toContain('parity/lost');
    expect(ledger.total.lostLines).toBeGreaterThan(1_000);
  });

  it('is clean in lines and bytes with the agent of this project, isolated and bounded', async () => {
    const { verdict, reasons, findings, ledger } = await run(
      ...(['founding-outage', '--profile', 'real-parts', '--agent', 'larsen-agent'] as const),
    );
    expect({ verdict, reasons, findings }).toEqual({ verdict: 'valid', reasons: [], findings: [] });
    const { storedLines, dueLines, storedBytes, writtenBytes } = ledger.total;
    expect(storedLines).toBe(dueLines);
    expect(storedBytes).toBe(writtenBytes);
  });
});
