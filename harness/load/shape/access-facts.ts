// What an access line tells about one request. Our http apps fill it from real requests; synthetic lines draw it
// from the seed: viewers of videos as they were in 2019, ranges of 16 KiB from web seeds.

/** The facts of one completed request. */
export interface AccessFacts {
  /** Wall clock at the start of the request, ms since 1970, UTC. */
  startedAtMs: number;
  clientHost: string;
  clientPort: number;
  /** Host header, with port where it had one. */
  host: string;
  method: string;
  /** Path and query as received; holds the line's id where there is one. */
  path: string;
  status: number;
  /** Bytes of the body sent. */
  bytes: number;
  referer: string | null;
  userAgent: string | null;
  /** The request had `DNT: 1`. */
  doNotTrack: boolean;
  /** Whole time and the backend's share of it, ns. */
  durationNs: number;
  originDurationNs: number;
  /** Requests of this process so far, from 1. */
  requestCount: number;
  /** Url of the backend, or of the app itself where it has none. */
  serviceUrl: string;
}

/** The instant of due time 0 in synthetic lines: any fixed one will do; this is the evening of the outage. */
const EPOCH_MS = Date.UTC(2019, 4, 12, 20, 17, 3, 643);
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const USER_AGENTS = [
  'Mozilla/5.0 (X11; Linux x86_64; rv:66.0) Gecko/20100101 Firefox/66.0',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/74.0.3729.131 Safari/537.36',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 12_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/12.1 Mobile/15E148 Safari/604.1',
];

/** Facts of a made-up request whose path holds `id`. */
export function drawAccessFacts({
  id,
  seq,
  dueMs,
  random,
}: {
  id: string;
  seq: number;
  dueMs: number;
  random: () => number;
}): AccessFacts {
  const integer = (min: number, max: number): number => min + Math.floor(random() * (max - min + 1));
  const originDurationNs = 400_000 + Math.floor(random() ** 4 * 40_000_000);
  const missing = random() < 0.005;
  return {
    startedAtMs: syntheticTimeMs(dueMs),
    clientHost:
      random() < 0.5
        ? `2001:db8:${integer(1, 0xffff).toString(16)}::${integer(1, 0xffff).toString(16)}`
        : `203.0.113.${integer(1, 254)}`,
    clientPort: integer(1_024, 65_535),
    host: 'video.example.net',
    method: 'GET',
    path: `/static/webseed/${id}-360.mp4`,
    status: missing ? 404 : 206,
    bytes: missing ? 19 : 16_384,
    referer: `https://video.example.net/videos/watch/${drawUuid(random)}`,
    userAgent: USER_AGENTS[integer(0, USER_AGENTS.length - 1)]!,
    doNotTrack: true,
    durationNs: originDurationNs + integer(20_000, 200_000),
    originDurationNs,
    requestCount: seq + 1,
    serviceUrl: 'http://peertube:9000',
  };
}

/** Wall clock of a synthetic line that is due at `dueMs`. */
export function syntheticTimeMs(dueMs: number): number {
  return EPOCH_MS + Math.floor(dueMs);
}

/** `12/May/2019:20:17:03 +0000`. */
export function formatClfTime(ms: number): string {
  const iso = new Date(ms).toISOString();
  return `${iso.slice(8, 10)}/${MONTHS[Number(iso.slice(5, 7)) - 1]}/${iso.slice(0, 4)}:${iso.slice(11, 19)} +0000`;
}

/** 32 hex digits. */
export function drawHex32(random: () => number): string {
  let text = '';
  for (let part = 0; part < 4; part++)
    text += Math.floor(random() * 4_294_967_296)
      .toString(16)
      .padStart(8, '0');
  return text;
}

function drawUuid(random: () => number): string {
  const hex = drawHex32(random);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}
