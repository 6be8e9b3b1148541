// A stranger's faults and checkers: `hiccup` makes the sink refuse and finds the refused pushes, `ghost` does nothing
// and says so; `few-lines` finds a run with more lines than it likes, `broken-judge` throws.

export default (larsen) => [
  larsen.defineFault({
    name: 'hiccup',
    hop: 'sink',
    engines: ['process'],
    params: larsen.z.strictObject({ status: larsen.z.number() }),
    async inject(world, { status }) {
      this.end = await world.sink.script({ status });
      world.mark('hiccup', { status });
    },
    async heal() {
      await this.end();
    },
    async bit(history, { fromNs, toNs }) {
      const refs = [];
      for await (const { n, atNs, kind, data } of history) {
        if (kind === 'push' && data.status === 503 && atNs >= fromNs && atNs <= toNs + 1e9) refs.push(`history#${n}`);
      }
      return refs;
    },
  }),
  larsen.defineFault({
    name: 'ghost',
    hop: 'agent',
    engines: ['process', 'docker'],
    params: () => ({}),
    inject: () => undefined,
    heal: () => undefined,
    bit: () => [],
  }),
  larsen.defineChecker({
    name: 'few-lines',
    params: larsen.z.strictObject({ storedMax: larsen.z.number() }),
    async check({ history, ledger, params, run }) {
      let events = 0;
      for await (const event of history) if (event.kind === 'stored') events++;
      const storedLines = ledger.total.storedLines;
      const findings =
        storedLines <= params.storedMax
          ? []
          : [
              {
                checker: 'few-lines',
                class: 'too-many',
                hop: 'sink',
                severity: 'minor',
                title: `${storedLines} lines are more than ${params.storedMax}`,
                fromMs: 0,
                toMs: run.endMs,
                numbers: { storedLines, storedEvents: events },
                evidence: [],
                remedy: null,
              },
            ];
      const reasons = findings.map(({ title }) => title);
      return { verdict: findings.length > 0 ? 'invalid' : 'valid', numbers: { storedLines }, reasons, findings };
    },
  }),
  larsen.defineChecker({
    name: 'broken-judge',
    params: (raw) => raw,
    check() {
      throw new Error('the judge has a cold');
    },
  }),
];
