// The events that findings and faults point at, picked out of the history while it is read for the charts.

import type { Event, EventRef } from '../../model/event.ts';

/** An event as evidence on a page. */
export interface EvidenceEvent {
  n: number;
  /** Milliseconds since load start. */
  atMs: number;
  kind: string;
  hop: string;
  /** The event as indented JSON, its end cut off where it is very long. */
  json: string;
}

/** Picks the events of a set of references. */
export interface EvidencePicker {
  add(event: Event): void;
  get(reference: EventRef): EvidenceEvent | undefined;
}

const JSON_CHARACTERS_MAX = 6_000;
const EVENTS_MAX = 500;

/** A picker for these references (the first 500 of them). */
export function createEvidencePicker({
  references,
  loadStartNs,
}: {
  references: Iterable<EventRef>;
  loadStartNs: number;
}): EvidencePicker {
  const wanted = new Set([...references].slice(0, EVENTS_MAX).map(eventNumber));
  const found = new Map<number, EvidenceEvent>();
  return {
    add: (event) => {
      if (!wanted.has(event.n)) return;
      found.set(event.n, {
        n: event.n,
        atMs: (event.atNs - loadStartNs) / 1e6,
        kind: event.kind,
        hop: event.hop,
        json: shorten(JSON.stringify(event, null, 2)),
      });
    },
    get: (reference) => found.get(eventNumber(reference)),
  };
}

function eventNumber(reference: EventRef): number {
  return Number(reference.replace(/^history#/, ''));
}

function shorten(json: string): string {
  const rest = json.length - JSON_CHARACTERS_MAX;
  return rest > 0 ? `${json.slice(0, JSON_CHARACTERS_MAX)}\n… ${rest} more characters in history.jsonl` : json;
}
