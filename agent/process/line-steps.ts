// What the config's `process` and `labels.json` ask for, in the order in which a line meets it:
//
//   drop by label ──► rate limit ──► scrub ──► multi-line ──► filters ──► labels from JSON
//
// Scrubbing comes before everything that keeps, compares or labels a line. Which steps a stream has is found once.

import { JsonFields } from '../codec/json-fields.ts';
import type { Pattern } from '../codec/pattern.ts';
import type { AppCounters, HeldBook, LineMetadata, LineProcessor, LineTarget, TimedLine } from '../model.ts';
import { addCount, type Counters } from '../observe/counters.ts';
import type { Clock, Random, Timer } from '../ports.ts';
import { Multiline, type MultilineSettings } from './multiline.ts';
import { RateLimit } from './rate-limit.ts';
import { applies, createLineTest, type Filter, type When } from './rules.ts';
import { type ScrubAction, Scrubber, type ScrubKind } from './scrub.ts';

/** Settings of all steps, see config/process.ts. */
export interface StepSettings {
  scrub: Readonly<Record<ScrubKind, ScrubAction>> & {
    loginKeys: readonly string[];
    authorizationKeys: readonly string[];
    saltRotate: number;
  };
  filters: readonly Filter[];
  rateLimit: readonly { when: When; linesPerSecond: number; burst?: number | undefined }[];
  multiline: readonly { when: When; start: Pattern; timeout: number; linesMax: number; sizeMax: number }[];
  /** Label by JSON key. */
  jsonLabels: Readonly<Record<string, string>>;
}

/** Values found in a line, by label. */
interface FoundLabels {
  readonly names: readonly string[];
  readonly bytes: Uint8Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

/** What the steps need of the agent. */
export interface StepParts {
  clock: Clock;
  random: Random;
  counters: Counters;
  /** The target with further labels. */
  derive(base: LineTarget, values: FoundLabels): LineTarget;
  /** Structured metadata of the line under way, kept with a line that is held back. */
  metadata(): LineMetadata | undefined;
  /** Is told what is held back. */
  held?: HeldBook | undefined;
  /** Takes a line that was held back. */
  passOn(line: TimedLine, metadata: Uint8Array | undefined): void;
}

/** What is to be done with the lines of one stream. */
interface Plan {
  dropsAll: boolean;
  limit: RateLimit | undefined;
  multiline: MultilineSettings | undefined;
  filters: readonly { test: Pattern; keeps: boolean }[];
}

const KINDS: readonly ScrubKind[] = ['ipv4', 'ipv6', 'email', 'login', 'query', 'authorization'];

/** The steps that the settings ask for; `undefined` if they ask for none, so that a line costs nothing. */
export function createLineSteps(settings: StepSettings, parts: StepParts): LineProcessor | undefined {
  const { scrub, filters, rateLimit, multiline, jsonLabels } = settings;
  const isNeeded =
    KINDS.some((kind) => scrub[kind] !== 'keep') ||
    filters.length + rateLimit.length + multiline.length + Object.keys(jsonLabels).length > 0;
  return isNeeded ? new LineSteps(settings, parts) : undefined;
}

class LineSteps implements LineProcessor {
  target!: LineTarget;
  bytes: Uint8Array = new Uint8Array(0);
  start = 0;
  length = 0;
  private readonly settings: StepSettings;
  private readonly parts: StepParts;
  private readonly scrubber: Scrubber | undefined;
  private readonly multiline: Multiline;
  private readonly fields: JsonFields | undefined;
  private readonly names: readonly string[];
  private readonly tests: readonly { filter: Filter; test: Pattern; keeps: boolean }[];
  private readonly plans = new WeakMap<LineTarget, Plan>();
  private readonly limits: readonly WeakMap<AppCounters, RateLimit>[];
  private lastTarget: LineTarget | undefined;
  private lastPlan!: Plan;
  private timer: Timer | undefined;

  constructor(settings: StepSettings, parts: StepParts) {
    this.settings = settings;
    this.parts = parts;
    const { clock, random } = parts;
    const { scrub, jsonLabels } = settings;
    this.scrubber = KINDS.some((kind) => scrub[kind] !== 'keep')
      ? new Scrubber(
          {
            actions: scrub,
            loginKeys: scrub.loginKeys,
            authorizationKeys: scrub.authorizationKeys,
            rotateMs: scrub.saltRotate,
          },
          { nowMs: () => clock.nowMs(), randomBytes: (count) => random.bytes(count) },
        )
      : undefined;
    this.multiline = new Multiline(({ target, bytes, length, seconds, nanos, metadata }) => {
      if (this.finish(target, bytes, 0, length))
        parts.passOn(
          { target: this.target, bytes: this.bytes, start: this.start, length: this.length, seconds, nanos },
          metadata,
        );
    }, parts.held);
    this.names = Object.keys(jsonLabels);
    this.fields = this.names.length > 0 ? new JsonFields(Object.values(jsonLabels)) : undefined;
    this.tests = settings.filters.flatMap((filter) => {
      if (filter.drop === 'all') return [];
      return [{ filter, test: createLineTest(filter.drop ?? filter.keep ?? {}), keeps: filter.keep !== undefined }];
    });
    this.limits = settings.rateLimit.map(() => new WeakMap());
  }

  get openCount(): number {
    return this.multiline.openCount;
  }

  scrubValue(key: string, value: Uint8Array): Uint8Array {
    return this.scrubber === undefined ? value : scrubField(this.scrubber, key, value);
  }

  flush(): void {
    this.multiline.flush(Number.POSITIVE_INFINITY);
  }

  process(
    target: LineTarget,
    bytes: Uint8Array,
    start: number,
    length: number,
    seconds: number,
    nanos: number,
  ): boolean {
    const plan = target === this.lastTarget ? this.lastPlan : this.planOf(target);
    if (plan.dropsAll) return drop(target, length, 'filtered');
    if (plan.limit !== undefined && !plan.limit.take()) return drop(target, length, 'rate_limited');
    const { scrubber } = this;
    let at = bytes;
    let from = start;
    let size = length;
    if (scrubber !== undefined) {
      const found = scrubber.found;
      size = scrubber.scrub(bytes, start, length);
      at = scrubber.bytes;
      from = scrubber.start;
      this.parts.counters.totals.scrubbed += scrubber.found - found;
    }
    if (plan.multiline === undefined) return this.finish(target, at, from, size);
    const nowMs = this.parts.clock.nowMs();
    const metadata = this.parts.metadata();
    const line = { target, bytes: at, start: from, length: size, seconds, nanos, nowMs, metadata };
    this.multiline.take(plan.multiline, line);
    this.arm(nowMs);
    return false;
  }

  /** Filters a whole line and finds its labels. */
  private finish(target: LineTarget, bytes: Uint8Array, start: number, length: number): boolean {
    const plan = target === this.lastTarget ? this.lastPlan : this.planOf(target);
    for (const { test, keeps } of plan.filters)
      if (test.matches(bytes, start, length) !== keeps) return drop(target, length, 'filtered');
    const { fields } = this;
    this.target = target;
    this.bytes = bytes;
    this.start = start;
    this.length = length;
    if (fields !== undefined && fields.find(bytes, start, length) > 0)
      this.target = this.parts.derive(target, { names: this.names, bytes, starts: fields.starts, ends: fields.ends });
    return true;
  }

  private planOf(target: LineTarget): Plan {
    let plan = this.plans.get(target);
    if (plan === undefined) {
      plan = this.makePlan(target);
      this.plans.set(target, plan);
    }
    this.lastTarget = target;
    this.lastPlan = plan;
    return plan;
  }

  private makePlan(target: LineTarget): Plan {
    const { filters, multiline } = this.settings;
    const event = multiline.find((rule) => applies(rule, target));
    return {
      dropsAll: filters.some((filter) => filter.drop === 'all' && applies(filter, target)),
      limit: this.limitOf(target),
      multiline: event && {
        start: event.start,
        sizeMax: event.sizeMax,
        linesMax: event.linesMax,
        timeoutMs: event.timeout,
      },
      filters: this.tests.filter(({ filter }) => applies(filter, target)),
    };
  }

  /** All streams of an app share its bucket. */
  private limitOf(target: LineTarget): RateLimit | undefined {
    const index = this.settings.rateLimit.findIndex((rule) => applies(rule, target));
    const rule = this.settings.rateLimit[index];
    const limits = this.limits[index];
    if (rule === undefined || limits === undefined) return undefined;
    let limit = limits.get(target.counters);
    if (limit === undefined) {
      const burst = rule.burst ?? Math.max(1, Math.ceil(2 * rule.linesPerSecond));
      limit = new RateLimit({ linesPerSecond: rule.linesPerSecond, burst }, () => this.parts.clock.nowMs());
      limits.set(target.counters, limit);
    }
    return limit;
  }

  /** One timer for all events under way; it looks for the next one when it has fired. */
  private arm(nowMs: number): void {
    const next = this.timer === undefined ? this.multiline.nextDeadlineMs : undefined;
    if (next === undefined) return;
    this.timer = this.parts.clock.setTimer(
      () => {
        this.timer = undefined;
        const now = this.parts.clock.nowMs();
        this.multiline.flush(now);
        this.arm(now);
      },
      Math.max(1, next - nowMs),
    );
  }
}

/**
 * Scrubs the value of a field. A key such as `user` tells what a value is, so that it is scrubbed as part of a line that holds
 * both; a value with quotes in it is scrubbed by itself as well.
 */
function scrubField(scrubber: Scrubber, key: string, value: Uint8Array): Uint8Array {
  const text = Buffer.from(value.buffer, value.byteOffset, value.length).toString('latin1');
  const quoted = Buffer.from(JSON.stringify(text).slice(1, -1), 'latin1');
  const before = Buffer.from(`${JSON.stringify(key)}:"`);
  const line = Buffer.concat([before, quoted, QUOTE]);
  const length = scrubber.scrub(line, 0, line.length);
  const { bytes, start } = scrubber;
  const scrubbed = Buffer.from(bytes.subarray(start + before.length, start + length - 1)).toString('latin1');
  try {
    return Buffer.from(JSON.parse(`"${scrubbed}"`), 'latin1');
  } catch {
    return Buffer.from(scrubbed, 'latin1');
  }
}

const QUOTE = Buffer.from('"');

function drop(target: LineTarget, length: number, reason: string): false {
  target.counters.received++;
  target.counters.receivedBytes += length;
  addCount(target.counters.dropped, reason, 1);
  return false;
}
