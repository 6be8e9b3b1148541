// The peertube-like app: answers ranges of a video with 206 and logs each request after its answer. By default its
// stdout queues as Node's does on a pipe: behind a stalled pipe it serves on and its memory grows. With
// `writes: blocking` it is the other kind: one thread, and a full pipe stops everything.
// Options (`with`): bodyBytes, the most that one answer carries, 16384.

import { openInlineLog, openQueuedLog } from './access-log.ts';
import { type HttpApp, type HttpExchange, startHttpApp } from './http-app.ts';

const BODY_BYTES = 16_384;
const VIDEO_BYTES = 1_024 * 16_384;
const BODY_BYTES_MAX = 4_194_304;

let body = Buffer.alloc(0);

await startHttpApp({
  openLog: ({ app }, options) => {
    const wanted = Number(app.with.bodyBytes ?? BODY_BYTES);
    body = Buffer.alloc(Math.min(BODY_BYTES_MAX, Number.isFinite(wanted) && wanted > 0 ? wanted : BODY_BYTES), 0x5a);
    return app.writes === 'queued' ? openQueuedLog(options) : openInlineLog(options);
  },
  // Pings are not logged here (PeerTube: `log_ping_requests: false`), as nobody plans them.
  healthPath: '/api/v1/ping',
  healthText: 'pong',
  handle,
});

function handle(app: HttpApp, exchange: HttpExchange): void {
  const { request, response } = exchange;
  const range = parseRange(request.headers.range);
  const bytes = Math.min(range?.length ?? body.length, body.length);
  const status = range ? 206 : 200;
  const headers: Record<string, string | number> = {
    'content-type': 'video/mp4',
    'content-length': bytes,
    'accept-ranges': 'bytes',
  };
  if (range) headers['content-range'] = `bytes ${range.from}-${range.from + bytes - 1}/${VIDEO_BYTES}`;
  response.writeHead(status, headers);
  response.once('close', () => app.log(exchange, { status, bytes, originDurationNs: 0 }, () => undefined));
  response.end(request.method === 'HEAD' ? undefined : body.subarray(0, bytes));
}

/** `bytes=from-to`; null when there is none or it is of another form, which is answered whole. */
function parseRange(header: string | undefined): { from: number; length: number } | null {
  const match = /^bytes=(\d{1,15})-(\d{1,15})$/.exec(header ?? '');
  if (!match) return null;
  const [from, to] = [Number(match[1]), Number(match[2])];
  return to < from ? null : { from, length: to - from + 1 };
}
