/**
 * The counters of one isolate: numbers in memory. A flush adds the numbers to the shared counters in Redis. The flush
 * is one command for each 400 numbers, in a request that is sent in any case, so counting costs no request.
 *
 * Each number counts exactly once, also after a lost answer: the numbers of a flush do not change until Redis has
 * confirmed the flush, and Redis ignores a flush that it has already added (see `apply.ts`). Numbers that an isolate
 * has not flushed before its end are lost: those of at most one interval.
 */
import type { RedisClient, SentRequest, TransportOptions } from '../redis/index.ts';
import { applyBatch, type Batch, type Change, ENDED, MINUTE_MS, type Slot } from './apply.ts';
import {
  type Group,
  type LabelsOf,
  METRICS,
  type MetricName,
  MOST_VALUES,
  type NameOf,
  OPEN,
  OTHER,
} from './metrics.ts';
import { MOST_FIELDS, sumOf, takeBatches } from './waiting.ts';

/** The counters of one isolate. */
export interface Counters {
  /** Adds to a sum. */
  count<Name extends NameOf<'count'>>(name: Name, labels: LabelsOf<Name>, by?: number): void;
  /** Adds a duration, in ms. */
  time<Name extends NameOf<'time'>>(name: Name, labels: LabelsOf<Name>, ms: number): void;
  /** Notes a value: the last value of a gauge or a text, or a candidate for the greatest value. */
  note<Name extends NameOf<'gauge' | 'most'>>(name: Name, labels: LabelsOf<Name>, value: number): void;
  note<Name extends NameOf<'text'>>(name: Name, labels: LabelsOf<Name>, value: string): void;
  /** Ends a series of a gauge: from now on, readings of every window are without it. */
  end<Name extends NameOf<'gauge'>>(name: Name, labels: LabelsOf<Name>): void;
  /**
   * Returns whether a flush is due: there are numbers, and the last attempt was at least `everyMs` ago, or the last
   * flush has left numbers for the next one.
   */
  isFlushDue(everyMs: number): boolean;
  /**
   * Adds the numbers to the shared counters. 1 command for each 400 numbers, in 1 request; 0 without numbers. Never
   * throws: failed numbers wait.
   */
  flush(redis: RedisClient): Promise<void>;
  /**
   * Adds work to each flush that sends numbers, for values that only Redis can complete. Its commands join the request of
   * the flush. A failure of the work is ignored.
   */
  alongside(work: (redis: RedisClient) => Promise<void>): void;
  /** The numbers that no flush has taken or confirmed, by metric: for tests, for people and for wake-ups. */
  pending(): ReadonlyMap<string, number | string>;
}

/** The services of counters. */
export interface CounterServices {
  now(): number;
  /** Draws the id of the isolate, at the first flush: workerd allows no randomness before the first request. */
  token(): string;
  /** The maximum number of fields of one command. Default: 400. */
  mostFields?: number;
}

/** The maximum number of minutes that wait for a flush. Beyond it, the oldest minute joins the next one. */
const MOST_SLOTS = 60;
/** The maximum number of characters of a label. */
const LONGEST_LABEL = 120;
/** A flush that is older than this is dropped: Redis may have forgotten whether it has added the flush. */
const CONFIRM_WITHIN_MS = 12 * 3_600_000;

/** The least and the greatest index of a bucket: up to 0.25 ms, and above 55 s. */
export const FIRST_BUCKET = -9;
export const LAST_BUCKET = 63;

/**
 * Returns the bucket of a duration: bucket `i` holds the durations above 2^(i/4) ms, up to and with 2^((i+1)/4) ms. So
 * the middle of a bucket is at most 9.1 % from each of its durations. Source: OpenTelemetry, exponential histogram,
 * scale 2.
 */
export function bucketOf(ms: number): number {
  if (!(ms > 0)) return FIRST_BUCKET;
  // The tolerance keeps powers of two in their bucket: their logarithms may be inexact.
  const index = Math.ceil(4 * Math.log2(ms) - 1e-9) - 1;
  return Math.min(LAST_BUCKET, Math.max(FIRST_BUCKET, index));
}

/** Returns the group of a metric. */
export function groupOf(name: MetricName): Group {
  return name.slice(0, name.indexOf('.')) as Group;
}

/** Creates counters at zero, without I/O. `startedAt` (ms since the epoch) is the start of the first interval. */
export function createCounters({ now, token, mostFields = MOST_FIELDS }: CounterServices, startedAt = 0): Counters {
  /** The open labels' texts, by metric. */
  const known = new Map<string, Set<string>>();
  const slots = new Map<number, Slot>();
  let sending: readonly Batch[] = [];
  let sequence = 0;
  /** True if the last flush could not take all numbers. */
  let hasRest = false;
  let attemptedAt = startedAt;
  let isolate: string | undefined;
  const companions: ((redis: RedisClient) => Promise<void>)[] = [];

  function bounded(place: string, text: string): string {
    const texts = known.get(place) ?? new Set<string>();
    if (texts.has(text)) return text;
    known.set(place, texts);
    const value = text.replace(/[|\p{Cc}]/gu, '_').slice(0, LONGEST_LABEL);
    if (texts.has(value)) return value;
    if (texts.size >= MOST_VALUES) return OTHER;
    texts.add(value);
    return value;
  }

  /** Returns the field of a series: `<metric>|<value of the first label>|…`. */
  function fieldOf<Name extends MetricName>(name: Name, labels: LabelsOf<Name>): string {
    const declared: Readonly<Record<string, unknown>> = METRICS[name].labels;
    let field = name.slice(name.indexOf('.') + 1);
    for (const label in declared) {
      const value = (labels as Readonly<Record<string, string>>)[label] ?? '';
      field += `|${declared[label] === OPEN ? bounded(name, value) : value}`;
    }
    return field;
  }

  function change(group: Group, field: string, op: Change['op'], value: number | string): void {
    const minute = Math.floor(now() / MINUTE_MS);
    let slot = slots.get(minute);
    if (!slot) {
      slot = new Map();
      slots.set(minute, slot);
      if (slots.size > MOST_SLOTS) joinOldest(slots);
    }
    merge(slot, group, field, { op, value });
  }

  return {
    count: (name, labels, by = 1) => change(groupOf(name), fieldOf(name, labels), '+', by),
    time(name, labels, ms) {
      const [group, field] = [groupOf(name), fieldOf(name, labels)];
      change(group, `${field}|${bucketOf(ms)}`, '+', 1);
      change(group, `${field}|sum`, '+', ms);
    },
    note(name: NameOf<'gauge' | 'most' | 'text'>, labels: LabelsOf<typeof name>, value: number | string) {
      const op = METRICS[name].kind === 'most' ? '>' : '=';
      change(groupOf(name), op + fieldOf(name, labels), op, value);
    },
    end: (name, labels) => change(groupOf(name), `=${fieldOf(name, labels)}`, '=', ENDED),
    isFlushDue(everyMs) {
      if (sending.length === 0 && slots.size === 0) return false;
      return (sending.length === 0 && hasRest) || now() - attemptedAt >= everyMs;
    },
    async flush(redis) {
      attemptedAt = now();
      const [first] = sending;
      if (first && attemptedAt - first.takenAt > CONFIRM_WITHIN_MS) sending = [];
      if (sending.length === 0 && slots.size > 0) {
        sending = takeBatches(slots, { before: sequence, takenAt: attemptedAt, mostFields });
        sequence += sending.length;
        hasRest = slots.size > 0;
      }
      const batches = sending;
      if (batches.length === 0) return;
      isolate ??= token();
      const own = isolate;
      const beside = Promise.allSettled(companions.map((work) => work(redis)));
      await Promise.all(batches.map((batch) => applyBatch(redis, own, batch))).then(
        (added) => {
          if (sending === batches && added.every(Boolean)) sending = [];
        },
        // The numbers wait for the next flush.
        () => undefined,
      );
      await beside;
    },
    alongside(work) {
      companions.push(work);
    },
    pending: () => sumOf([...sending.flatMap((batch) => [...batch.slots.values()]), ...slots.values()]),
  };
}

/** The services that flush with the requests of one scope. */
export interface FlushServices {
  counters: Counters;
  /** The shortest time between two flushes, in ms. */
  everyMs: number;
  /** Returns the client of the scope. */
  client(): RedisClient;
  /** Keeps the scope alive until the flush has ended. */
  after(work: Promise<unknown>): void;
  /** Receives each request after it is counted. */
  onRequest?(request: SentRequest): void;
}

/** Returns the options with which the requests of a transport are counted, and carry a flush when it is due. */
export function countedTransport({
  counters,
  everyMs,
  client,
  after,
  onRequest,
}: FlushServices): Required<Pick<TransportOptions, 'onPipeline' | 'onRequest'>> {
  return {
    onPipeline() {
      if (counters.isFlushDue(everyMs)) after(counters.flush(client()));
    },
    onRequest(request) {
      const { commands, calls, ms, bytesOut, bytesIn, code } = request;
      counters.count('redis.requests', {});
      counters.count('redis.commands', {}, commands);
      counters.count('redis.sent', {}, bytesOut);
      counters.count('redis.received', {}, bytesIn);
      counters.time('redis.time', {}, ms);
      if (code !== null) counters.count('redis.failures', { code });
      for (const [command, count] of calls) {
        counters.count('commands.sent', { command }, count);
        counters.count('commands.waited', { command }, count * ms);
        counters.note('commands.longest', { command }, ms);
      }
      onRequest?.(request);
    },
  };
}

/** Adds a change to a slot. */
function merge(slot: Slot, group: Group, field: string, { op, value }: Change): void {
  const fields = slot.get(group) ?? new Map<string, Change>();
  slot.set(group, fields);
  const before = fields.get(field);
  if (!before) fields.set(field, { op, value });
  else if (op === '+') before.value = Number(before.value) + Number(value);
  else if (op === '=' || Number(value) > Number(before.value)) before.value = value;
}

/** Adds the oldest minute's changes to the next minute. */
function joinOldest(slots: Map<number, Slot>): void {
  const [oldest, next] = [...slots.keys()].sort((one, other) => one - other);
  const target = next === undefined ? undefined : slots.get(next);
  if (oldest === undefined || !target) return;
  for (const [group, fields] of slots.get(oldest) ?? []) {
    for (const [field, change] of fields) {
      // A value of the next minute is newer.
      if (change.op !== '=' || !target.get(group)?.has(field)) merge(target, group, field, change);
    }
  }
  slots.delete(oldest);
}
