// When lines are due: a rate over time turned into instants. The rate is integrated piece by piece, and line k is
// due where the integral reaches k + 1/2, so that a rate of 1 per second for 60 s gives 60 lines (the first at
// 0.5 s) and rounding can never add one at the end. No jitter: the same rate always gives the same instants.

import type { RatePoint } from '../model/scenario.ts';

/** A stretch of time in which the rate changes evenly. Rates per second, times in ms. */
interface Span {
  fromMs: number;
  toMs: number;
  fromRate: number;
  toRate: number;
}

/** Instants at which something is due, ms since load start, ascending, all before `untilMs`. Before the first point the rate is 0. */
export function planDueTimes({ rate, untilMs }: { rate: readonly RatePoint[]; untilMs: number }): Float64Array {
  const spans = spansOf(rate, untilMs);
  const due = new Float64Array(Math.ceil(spans.reduce((sum, span) => sum + areaOf(span), 0)) + 1);
  let count = 0;
  let area = 0;
  for (const span of spans) {
    const end = area + areaOf(span);
    while (count + 0.5 < end) {
      due[count] = Math.min(span.fromMs + timeOf(span, count + 0.5 - area), span.toMs);
      count++;
    }
    area = end;
  }
  return due.slice(0, count);
}

/** How many lines a rate makes, as a real number: the integral over time. */
export function integrateRate({ rate, untilMs }: { rate: readonly RatePoint[]; untilMs: number }): number {
  return spansOf(rate, untilMs).reduce((sum, span) => sum + areaOf(span), 0);
}

function spansOf(rate: readonly RatePoint[], untilMs: number): Span[] {
  const points = [...rate].sort((a, b) => a.atMs - b.atMs);
  const spans: Span[] = [];
  let previous = 0;
  for (const [index, point] of points.entries()) {
    const toMs = Math.min(points[index + 1]?.atMs ?? untilMs, untilMs);
    if (toMs > point.atMs) {
      spans.push({
        fromMs: point.atMs,
        toMs,
        fromRate: point.ramp === 'linear' ? previous : point.perSecond,
        toRate: point.perSecond,
      });
    }
    previous = point.perSecond;
  }
  return spans;
}

function areaOf({ fromMs, toMs, fromRate, toRate }: Span): number {
  return (((fromRate + toRate) / 2) * (toMs - fromMs)) / 1_000;
}

/** Ms from the start of the span until `area` lines were due in it: the root of the quadratic in its stable form. */
function timeOf({ fromMs, toMs, fromRate, toRate }: Span, area: number): number {
  const slope = (toRate - fromRate) / ((toMs - fromMs) / 1_000);
  const root = Math.sqrt(Math.max(0, fromRate * fromRate + 2 * slope * area));
  return ((2 * area) / (fromRate + root)) * 1_000;
}
