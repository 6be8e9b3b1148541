// Reads figures off the agent's page for Prometheus.

/** The sum of one metric's values, of those whose row holds `having`, such as `output="loki"`. */
export function sumMetric(page: string, name: string, having = ''): number {
  return page
    .split('\n')
    .filter((row) => row.startsWith(`larsen_agent_${name}{`) || row.startsWith(`larsen_agent_${name} `))
    .filter((row) => row.includes(having))
    .reduce((sum, row) => sum + Number(row.split(' ').at(-1)), 0);
}
