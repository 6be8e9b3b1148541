// What the charts of a run's page show: titles, series, limits and the windows to shade, as plain data that the
// page's script draws. Nothing here knows about pixels.

import { describeSize } from '../../core/units.ts';
import type { Finding, Severity } from '../../model/finding.ts';
import type { RunFacts } from '../../model/run.ts';
import { makeOneLine } from '../escape.ts';
import type { Series } from './bins.ts';
import { CONTROL, type RunSeries } from './series.ts';

/** One curve or cloud of points; `color` names a CSS custom property. */
export interface ChartSeries {
  label: string;
  color: string;
  /** `band`: filled down to the series before it, the first of them down to the axis. */
  style: 'line' | 'dashed' | 'area' | 'points' | 'band';
  values: Series;
  /** Looked at less often than once a bin: its points are joined over the gaps. */
  isSparse?: boolean;
}

/** One chart over seconds since load start. */
export interface Chart {
  id: string;
  title: string;
  /** What to see in it, one sentence. */
  caption: string;
  /** Its figures in a sentence, for who cannot see it; default: the title alone. */
  summary?: string;
  unit: 'lines/s' | 'bytes/s' | 'bytes' | 'ms';
  logarithmic: boolean;
  timesS: number[];
  series: ChartSeries[];
  limit: { value: number; label: string } | null;
}

/** All that the page's script needs. */
export interface ChartData {
  charts: Chart[];
  endS: number;
  loadEndS: number;
  faults: { label: string; fromS: number; toS: number }[];
  findings: { number: number; severity: Severity; fromS: number; toS: number }[];
}

const APP_COLORS = ['blue', 'violet', 'green', 'orange', 'red', 'teal'];

/** The charts of a run; a chart without a single value is left out. */
export function describeCharts({
  facts,
  series,
  findings,
}: {
  facts: RunFacts;
  series: RunSeries;
  findings: readonly Finding[];
}): ChartData {
  const charts = [
    linesChart(series),
    bytesChart(series),
    ownChart(series),
    writesChart(series),
    pushesChart(series, facts),
    memoryChart(series, facts),
  ];
  return {
    charts: charts.filter((chart) =>
      chart.series.some(({ values }) => values.some((value) => value !== null && value !== 0)),
    ),
    endS: (series.timesS.at(-1) ?? 0) + series.binMs / 1_000,
    loadEndS: facts.loadEndMs / 1_000,
    faults: facts.faults.map(({ fault, fromMs, toMs, bit }) => ({
      label: makeOneLine(bit ? fault : `${fault} (did not bite)`),
      fromS: fromMs / 1_000,
      toS: toMs / 1_000,
    })),
    findings: findings.map(({ severity, fromMs, toMs }, index) => ({
      number: index + 1,
      severity,
      fromS: fromMs / 1_000,
      toS: toMs / 1_000,
    })),
  };
}

function linesChart({ timesS, lines }: RunSeries): Chart {
  return {
    id: 'lines',
    title: 'Lines per second at each hop',
    caption:
      'Where curves part, lines wait or die between these two hops. A line that is refused counts at each attempt.',
    unit: 'lines/s',
    logarithmic: false,
    timesS,
    series: [
      { label: 'written', color: 'blue', style: 'line', values: lines.written },
      { label: 'sent by driver', color: 'violet', style: 'line', values: lines.sent },
      { label: 'accepted by sink', color: 'green', style: 'line', values: lines.accepted },
      { label: 'refused by sink', color: 'red', style: 'area', values: lines.refused },
      // Last, so that its dashes lie over the curves that keep up with it.
      { label: 'due', color: 'grey', style: 'dashed', values: lines.due },
    ].filter(
      ({ label, values }) => label !== 'refused by sink' || values.some((value) => value !== 0),
    ) as ChartSeries[],
    limit: null,
  };
}

function bytesChart({ timesS, bytes }: RunSeries): Chart {
  const series: ChartSeries[] = [
    { label: 'written', color: 'blue', style: 'line', values: bytes.written },
    { label: 'sent by driver', color: 'violet', style: 'line', values: bytes.sent },
    { label: 'accepted by sink', color: 'green', style: 'line', values: bytes.accepted },
    { label: 'refused by sink', color: 'red', style: 'area', values: bytes.refused },
  ];
  return {
    id: 'bytes',
    title: 'Bytes per second at each hop',
    caption: 'Of the lines themselves: what wraps, labels and compresses them is left out. A flush is a peak.',
    unit: 'bytes/s',
    logarithmic: false,
    timesS,
    series: series.filter(({ values }) => values.some((value) => value !== null && value !== 0)),
    limit: null,
  };
}

function ownChart({ timesS, own }: RunSeries): Chart {
  return {
    id: 'own',
    title: "The agent's own output",
    caption:
      'What the agent prints, and how much of that comes back into its own input. A healthy agent is nearly silent.',
    unit: 'bytes/s',
    logarithmic: false,
    timesS,
    series: [
      { label: 're-entered', color: 'red', style: 'area', values: own.reentered },
      // Over it, because in a howl both are the same.
      { label: 'printed', color: 'orange', style: 'dashed', values: own.stdout },
    ],
    limit: null,
  };
}

function writesChart({ timesS, writes, writeBands }: RunSeries): Chart {
  const bands = (['p50', 'p95', 'p99', 'max'] as const).map((label) => ({
    label,
    color: 'blue',
    style: 'band' as const,
    values: writeBands[label],
    isSparse: true,
  }));
  const apps = writes.filter(({ name }) => name !== CONTROL);
  // The slowest write of a single app is the edge of the bands.
  const shown = writes.filter(({ name }) => name === CONTROL || apps.length > 1);
  return {
    id: 'writes',
    title: 'How long writes to stdout took',
    caption:
      'Of all writes of the apps that were open at a time: half were faster than p50, all but one in a hundred faster than p99. The control emitter writes past the pipeline: its slowest write shows the noise of the machine.',
    summary: describeBands(bands),
    unit: 'ms',
    logarithmic: true,
    timesS,
    series: [
      ...bands.filter(({ values }) => values.some((value) => value !== null)),
      ...shown.map(({ name, maxMs }, index) => ({
        label: name === CONTROL ? name : `max of ${makeOneLine(name)}`,
        color: name === CONTROL ? 'grey' : APP_COLORS[(index + 1) % APP_COLORS.length]!,
        style: name === CONTROL ? ('dashed' as const) : ('line' as const),
        values: maxMs,
        isSparse: true,
      })),
    ],
    limit: null,
  };
}

function describeBands(bands: readonly ChartSeries[]): string {
  const worst = bands.map(({ label, values }) => {
    const most = values.reduce<number>((max, value) => Math.max(max, value ?? 0), 0);
    return `${label} ${Number(most.toPrecision(3))} ms`;
  });
  return `At their worst: ${worst.join(', ')}.`;
}

function pushesChart({ pushes, pushesLeftOut, jsonPushes }: RunSeries, { plan }: RunFacts): Chart {
  const max = plan.scenario.topology.sink.limits.grpcMessageMaxBytes;
  const notes = [
    'Each push by its decoded size.',
    ...(jsonPushes ? ['The limit counts the protobuf message: a JSON body is somewhat larger than its message.'] : []),
    ...(pushesLeftOut > 0 ? [`The largest ${pushes.length} are shown, ${pushesLeftOut} smaller ones are not.`] : []),
  ];
  return {
    id: 'pushes',
    title: 'Size of each push',
    caption: notes.join(' '),
    unit: 'bytes',
    logarithmic: false,
    timesS: pushes.map(({ atS }) => atS),
    series: [
      {
        label: 'accepted',
        color: 'green',
        style: 'points',
        values: pushes.map((push) => (push.accepted ? push.decodedBytes : null)),
      },
      {
        label: 'refused or unanswered',
        color: 'red',
        style: 'points',
        values: pushes.map((push) => (push.accepted ? null : push.decodedBytes)),
      },
    ],
    limit: Number.isFinite(max) ? { value: max, label: `the sink refuses above ${describeSize(max)}` } : null,
  };
}

function memoryChart({ timesS, memory }: RunSeries, { plan }: RunFacts): Chart {
  const max = plan.scenario.topology.agent.memoryMaxBytes;
  return {
    id: 'memory',
    title: 'Memory of the agent',
    caption: 'Resident memory of all its processes.',
    unit: 'bytes',
    logarithmic: false,
    timesS,
    series: [{ label: 'resident', color: 'teal', style: 'area', values: memory, isSparse: true }],
    limit: max === null ? null : { value: max, label: `ceiling ${describeSize(max)}` },
  };
}
