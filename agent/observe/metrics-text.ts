// Renders the counters as Prometheus text. Names follow the field's conventions: base units, `_total` for counters.

import type { Counters } from './counters.ts';

/** The buffer of one output, at the moment of the page. */
export interface LaneGauges {
  output: string;
  bufferedEntries: number;
  bufferBytes: number;
  bufferBytesMax: number;
  diskBytes: number;
  diskBytesMax: number;
  batchesWaiting: number;
  oldestSeconds: number;
}

/** What is measured rather than counted, at the moment of the page. */
export interface Gauges {
  lanes: LaneGauges[];
  connections: number;
  streams: number;
  partialsOpen: number;
  healthy: boolean;
}

/** Content-Type of the page. */
export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

const TOTALS: Readonly<Record<keyof Counters['totals'], [name: string, help: string]>> = {
  malformed: ['malformed', 'Messages or entries that were not [tag, time, map]; dropped before they became records'],
  ignored: ['ignored_values', 'Values that are no message, such as heartbeats'],
  truncatedMessages: ['truncated_messages', 'Messages cut short by the end of their connection'],
  connections: ['connections', 'Connections accepted'],
  connectionsRefused: ['connections_refused', 'Connections refused because connectionsMax was reached'],
  connectionsClosed: ['connections_closed', 'Connections closed because of what they sent'],
  bytesRead: ['input_bytes', 'Bytes read from inputs'],
  acks: ['acks', 'Acks sent'],
  filesTruncated: ['files_truncated', 'Files that were emptied while they were followed'],
  datagramsDropped: ['datagrams_dropped', 'Datagrams that came while reading was paused'],
  selfRecords: [
    'self_records',
    'Own log lines of a larsen-agent that came back and were dropped; part of dropped{reason="self"}',
  ],
  partialPieces: ['partial_pieces', 'Pieces of long lines, before joining'],
  partialTimeouts: ['partial_timeouts', 'Lines passed on although their last piece never came'],
  partialOverflows: ['partial_overflows', 'Lines passed on in parts because a bound of `partials` was reached'],
  timesReplaced: [
    'times_replaced',
    'Records without usable time, or with one in the future, that got the time of arrival',
  ],
  timesMoved: ['times_moved', 'Entries moved by a nanosecond or more to keep the order of their stream'],
  linesSplit: ['lines_split', 'Lines over lineMax that became several entries'],
  linesTruncated: ['lines_truncated', 'Lines over lineMax that lost their end'],
  metadataCut: ['metadata_cut', 'Values of structured metadata that were cut or left out for their size'],
  scrubbed: ['scrubbed_values', 'Addresses, logins and the like that were taken out of lines'],
  streamsOverflowed: [
    'stream_overflow_records',
    'Records put into the overflow stream because labels.streamsMax was reached',
  ],
  batches: ['batches', 'Batches sealed'],
  batchesSplit: ['batches_split', 'Batches taken apart because they were too large'],
  retries: ['retries', 'Pushes that have to be tried again'],
  bytesPushed: ['pushed_bytes', 'Compressed bytes of accepted pushes'],
  diskErrors: ['disk_errors', 'Calls of the file system that failed'],
  deadLetters: ['dead_letters', 'Entries written to the dead letters; also counted as dropped or rejected'],
  deadLettersLost: ['dead_letters_lost', 'Entries that the dead letters could not take'],
  stalls: ['stalls', 'Times that the thread did nothing for half a second or more'],
  stalledMs: ['stalled_milliseconds', 'How long these were together'],
  segmentsCorrupt: ['segments_corrupt', 'Segments of a disk buffer found damaged; what is whole in them is delivered'],
  segmentsTorn: ['segments_torn', 'Segments of a disk buffer whose end was cut short by the end of a process'],
  ownLinesSuppressed: ['own_lines_suppressed', 'Own log lines that were summed up instead of written'],
};

/** The whole page. */
export function renderMetrics(counters: Counters, gauges: Gauges): string {
  const page = new Page();
  const apps = counters.listApps();
  page.family(
    'records_received_total',
    'counter',
    'Log entries taken in: a joined line is one, each part of a split line is one',
  );
  for (const app of apps) page.sample('records_received_total', { app: app.app }, app.received);
  page.family('records_received_bytes_total', 'counter', 'Bytes of the lines of these entries');
  for (const app of apps) page.sample('records_received_bytes_total', { app: app.app }, app.receivedBytes);
  renderEnds(page, counters);
  for (const [key, [name, help]] of Object.entries(TOTALS)) {
    page.family(`${name}_total`, 'counter', help);
    page.sample(`${name}_total`, {}, counters.totals[key as keyof Counters['totals']]);
  }
  renderGauges(page, gauges);
  return page.text;
}

/** Where entries ended: at each output, or in front of all of them (then without the label `output`). */
function renderEnds(page: Page, counters: Counters): void {
  const apps = counters.listApps();
  const names = counters.outputNames;
  page.family('records_recovered_total', 'counter', 'Entries found on disk at the start');
  for (const { app, outputs } of apps)
    for (const [i, { recovered }] of outputs.entries())
      if (recovered > 0) page.sample('records_recovered_total', { app, output: names[i] as string }, recovered);
  page.family('records_split_total', 'counter', 'Further entries made of lines that the output takes only shorter');
  for (const { app, outputs } of apps)
    for (const [i, { split }] of outputs.entries())
      if (split > 0) page.sample('records_split_total', { app, output: names[i] as string }, split);
  page.family('records_sent_total', 'counter', 'Entries that the output accepted');
  for (const { app, outputs } of apps)
    for (const [i, { sent }] of outputs.entries())
      page.sample('records_sent_total', { app, output: names[i] as string }, sent);
  page.family('records_dropped_total', 'counter', 'Entries given up by the agent');
  for (const { app, dropped, outputs } of apps) {
    for (const [reason, count] of dropped) page.sample('records_dropped_total', { app, reason }, count);
    outputs.forEach((output, i) => {
      for (const [reason, count] of output.dropped)
        page.sample('records_dropped_total', { app, reason, output: names[i] as string }, count);
    });
  }
  page.family('records_rejected_total', 'counter', 'Entries refused by the output for good');
  for (const { app, outputs } of apps)
    outputs.forEach(({ rejected }, i) => {
      for (const [reason, count] of rejected)
        page.sample('records_rejected_total', { app, reason, output: names[i] as string }, count);
    });
  page.family('pushes_total', 'counter', 'Pushes by HTTP status, or by kind of failure');
  counters.pushes.forEach((pushes, i) => {
    for (const [status, count] of pushes) page.sample('pushes_total', { status, output: names[i] as string }, count);
  });
}

const LANE_GAUGES: readonly [name: string, key: Exclude<keyof LaneGauges, 'output'>, help: string][] = [
  ['records_buffered', 'bufferedEntries', 'Entries taken in and neither sent, dropped nor rejected'],
  ['buffer_bytes', 'bufferBytes', 'Memory of sealed batches'],
  ['buffer_bytes_max', 'bufferBytesMax', 'Ceiling of that memory'],
  ['disk_bytes', 'diskBytes', 'Size of the disk buffer'],
  ['disk_bytes_max', 'diskBytesMax', 'Ceiling of that size'],
  ['batches_waiting', 'batchesWaiting', 'Sealed batches not in flight'],
  ['oldest_unsent_seconds', 'oldestSeconds', 'Age of the oldest entry in the buffer'],
];

function renderGauges(page: Page, gauges: Gauges): void {
  for (const [name, key, help] of LANE_GAUGES) {
    page.family(name, 'gauge', help);
    for (const lane of gauges.lanes) page.sample(name, { output: lane.output }, lane[key]);
  }
  page.gauge('connections_open', 'Open connections', gauges.connections);
  page.gauge('streams', 'Streams told apart', gauges.streams);
  page.gauge('partials_open', 'Long lines whose last piece has not come', gauges.partialsOpen);
  page.gauge('healthy', '1 when /health answers 200', gauges.healthy ? 1 : 0);
}

class Page {
  text = '';

  family(name: string, type: string, help: string): void {
    this.text += `# HELP larsen_agent_${name} ${help}.\n# TYPE larsen_agent_${name} ${type}\n`;
  }

  sample(name: string, labels: Record<string, string>, value: number): void {
    const pairs = Object.entries(labels).map(
      ([key, text]) => `${key}="${text.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n')}"`,
    );
    this.text += `larsen_agent_${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}\n`;
  }

  gauge(name: string, help: string, value: number): void {
    this.family(name, 'gauge', help);
    this.sample(name, {}, value);
  }
}
