// Which counters on an agent's page admit a loss.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readDropCounters } from './drop-counters.ts';

describe('readDropCounters', () => {
  it('sums a known counter over its labels, whatever these hold', () => {
    const page = `# HELP fluentbit_output_dropped_records_total Number of dropped records.
# TYPE fluentbit_output_dropped_records_total counter
fluentbit_output_dropped_records_total{name="loki.0"} 12
fluentbit_output_dropped_records_total{name="a } b \\" 7 {"} 3 1790000000000
fluentbit_output_proc_records_total{name="loki.0"} 99
`;
    expect(readDropCounters(page)).toEqual({ fluentbit_output_dropped_records_total: 15 });
  });

  it('leaves out what was dropped on purpose', () => {
    const page = `larsen_agent_records_dropped_total{app="web",reason="overflow"} 4
larsen_agent_records_dropped_total{app="web",reason="self"} 40
vector_component_discarded_events_total{component_id="f",intentional="true"} 5
vector_component_discarded_events_total{component_id="s",intentional="false"} 2.0
`;
    expect(readDropCounters(page)).toEqual({
      larsen_agent_records_dropped_total: 4,
      vector_component_discarded_events_total: 2,
    });
  });

  it('tells a counter that stands at nothing from one that is not there', () => {
    expect(readDropCounters('promtail_dropped_entries_total 0\n')).toEqual({ promtail_dropped_entries_total: 0 });
    expect(readDropCounters('up 1\nconstructor 3\n')).toEqual({});
  });

  it('survives any text', () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom('a', '{', '}', '"', '\\', ' ', '\n', '1', 'promtail_dropped_entries_total'),
        }),
        (page) => {
          for (const sum of Object.values(readDropCounters(page))) expect(Number.isFinite(sum)).toBe(true);
        },
      ),
    );
  });

  it('is quick on a long page without an end to its quotes', () => {
    const startMs = performance.now();
    readDropCounters(`promtail_dropped_entries_total{a="${'x"y'.repeat(300_000)}`);
    expect(performance.now() - startMs).toBeLessThan(2_000);
  });
});
