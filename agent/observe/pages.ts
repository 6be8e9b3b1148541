// The agent's HTTP pages: /metrics for Prometheus, /health for whoever restarts or alerts, /ready for whoever waits for the
// start, /debug/buffer for whoever wonders where the lines are.

import type { PageAnswer } from '../ports.ts';
import { METRICS_TYPE } from './metrics-text.ts';

/** A state and, where it is bad, the reason. */
interface State {
  healthy: boolean;
  reason?: string;
}

/** What the pages show. */
export interface Pages {
  metrics(): string;
  health(): State;
  ready(): State;
  buffer(): object;
}

/** Answers one path. */
export function answerPage(path: string, pages: Pages): PageAnswer {
  if (path === '/metrics') return { status: 200, contentType: METRICS_TYPE, body: pages.metrics() };
  if (path === '/health') return answerState(pages.health(), ['healthy', 'unhealthy']);
  if (path === '/ready') return answerState(pages.ready(), ['ready', 'not ready']);
  if (path === '/debug/buffer') return answerJson(200, pages.buffer());
  return {
    status: 404,
    contentType: 'text/plain',
    body: 'larsen-agent serves /metrics, /health, /ready and /debug/buffer\n',
  };
}

function answerState({ healthy, reason }: State, words: [good: string, bad: string]): PageAnswer {
  const status = healthy ? words[0] : words[1];
  return answerJson(healthy ? 200 : 503, { status, ...(reason === undefined ? {} : { reason }) });
}

function answerJson(status: number, value: object): PageAnswer {
  return { status, contentType: 'application/json', body: `${JSON.stringify(value)}\n` };
}
