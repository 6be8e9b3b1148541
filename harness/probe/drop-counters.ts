// Counters by which agents admit that they gave lines up, in their Prometheus text. Only such as count single records:
// chunks, batches and bytes cannot be set against lines. What an agent filters out on purpose is not in the table.

/** Names of counters by the agent whose pages have them; for each its labels that say it was on purpose. */
const DROP_COUNTERS: Readonly<Record<string, { agent: string; intended?: RegExp }>> = {
  larsen_agent_records_dropped_total: { agent: 'larsen-agent', intended: /reason="self"/ },
  larsen_agent_records_rejected_total: { agent: 'larsen-agent' },
  larsen_agent_malformed_total: { agent: 'larsen-agent' },
  fluentbit_output_dropped_records_total: { agent: 'fluent-bit' },
  vector_component_discarded_events_total: { agent: 'vector', intended: /intentional="true"/ },
  vector_buffer_discarded_events_total: { agent: 'vector', intended: /intentional="true"/ },
  otelcol_exporter_send_failed_log_records: { agent: 'otelcol' },
  otelcol_exporter_send_failed_log_records_total: { agent: 'otelcol' },
  otelcol_exporter_enqueue_failed_log_records: { agent: 'otelcol' },
  otelcol_exporter_enqueue_failed_log_records_total: { agent: 'otelcol' },
  otelcol_processor_dropped_log_records: { agent: 'otelcol' },
  otelcol_processor_dropped_log_records_total: { agent: 'otelcol' },
  loki_write_dropped_entries_total: { agent: 'alloy' },
  promtail_dropped_entries_total: { agent: 'promtail' },
};

/** Sums over all labels of the known counters on a page, by name; empty when the page has none of them. */
export function readDropCounters(page: string): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const match of page.matchAll(SAMPLE)) {
    const [, name = '', labels = '', value] = match;
    const counter = Object.hasOwn(DROP_COUNTERS, name) ? DROP_COUNTERS[name] : undefined;
    if (!counter || counter.intended?.test(labels)) continue;
    const amount = Number(value);
    if (Number.isFinite(amount)) sums[name] = (sums[name] ?? 0) + amount;
  }
  return sums;
}

/** `name{labels} value [time]`; text within quotes may hold anything but a newline. */
const SAMPLE = /^([a-zA-Z_:][\w:]*)(\{(?:[^"\n}]|"(?:[^"\\\n]|\\.)*")*\})?[ \t]+([^\s]+)/gm;
