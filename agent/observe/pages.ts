// The agent's HTTP pages: /metrics for Prometheus, /health for whoever restarts or alerts.

import type { PageAnswer } from '../ports.ts';
import { METRICS_TYPE } from './metrics-text.ts';

/** Answers one path. */
export function answerPage(
  path: string,
  pages: { metrics(): string; health(): { healthy: boolean; reason?: string } },
): PageAnswer {
  if (path === '/metrics') return { status: 200, contentType: METRICS_TYPE, body: pages.metrics() };
  if (path !== '/health')
    return { status: 404, contentType: 'text/plain', body: 'larsen-agent serves /metrics and /health\n' };
  const { healthy, reason } = pages.health();
  const body = `${JSON.stringify({ status: healthy ? 'healthy' : 'unhealthy', ...(reason === undefined ? {} : { reason }) })}\n`;
  return { status: healthy ? 200 : 503, contentType: 'application/json', body };
}
