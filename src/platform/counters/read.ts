/**
 * Reads the shared counters. One script adds up the hashes of a window, so that a reading is 1 command. Readings that
 * start in one turn of the event loop share 1 request.
 */
import { isListOf, isText, type RedisClient, type RedisKey, script } from '../redis/index.ts';
import { ENDED, HOUR_MS, hourKey, MINUTE_MS, minuteKey, sumsKey } from './apply.ts';
import { groupOf } from './counters.ts';
import { type Histogram, histogramOf } from './histogram.ts';
import { type Group, type LabelsOf, METRICS, type MetricName, type NameOf } from './metrics.ts';

/**
 * A window of time that ends now. Windows in minutes contain the current minute and the minutes before it; `24h`
 * contains the current hour and the 23 hours before it; `today` begins at 0:00 UTC; `total` begins with the first
 * flush ever.
 */
export const WINDOWS = ['1m', '5m', '10m', '30m', '1h', '24h', 'today', 'total'] as const;
/** A window of {@link WINDOWS}, or the hour that contains a time (ms since the epoch) of the last 8 days. */
export type Window = (typeof WINDOWS)[number] | { readonly hour: number };

/** All groups. */
export const GROUPS: readonly Group[] = [...new Set((Object.keys(METRICS) as MetricName[]).map(groupOf))];

/** The services that a reading needs. */
export interface ReadScope {
  readonly redis: RedisClient;
  readonly system: { now(): number };
}

/** The metrics of one group in one window. All names must belong to the group that was read. */
export interface CounterReading {
  readonly group: Group;
  /** The start of the window, in ms since the epoch; `null` for the window `total`. */
  readonly from: number | null;
  /** The end of the window: the time of the reading, or the end of the hour. */
  readonly to: number;
  /** Returns the sum of all series with these labels; a label that is left out takes any value. */
  sum<Name extends NameOf<'count'>>(name: Name, labels?: Partial<LabelsOf<Name>>): number;
  /** Returns the durations of all series with these labels together. */
  durations<Name extends NameOf<'time'>>(name: Name, labels?: Partial<LabelsOf<Name>>): Histogram;
  /** Returns the last value, or the greatest value, of a series; `null` without such a series. */
  value<Name extends NameOf<'gauge' | 'most'>>(name: Name, labels: LabelsOf<Name>): number | null;
  /** Returns the last text of a series; `null` without such a series. */
  text<Name extends NameOf<'text'>>(name: Name, labels: LabelsOf<Name>): string | null;
  /** Returns the labels of the series of a metric, each combination once. */
  labels<Name extends MetricName>(name: Name): LabelsOf<Name>[];
}

const readScript = script<string[]>(
  'counters.read',
  `
-- Adds up hashes of counters.
-- KEYS[…] hashes of one group, from the oldest to the newest
-- Returns each field and its value. The first letter of a field gives the rule: '>' the greatest value, '=' the newest
-- value, any other letter the sum.
local values, fields = {}, {}
for _, hash in ipairs(KEYS) do
  local flat = redis.call('HGETALL', hash)
  for at = 1, #flat, 2 do
    local field, value = flat[at], flat[at + 1]
    local rule, before = string.sub(field, 1, 1), values[field]
    if before == nil then fields[#fields + 1] = field end
    if rule == '=' then
      values[field] = value
    elseif before == nil then
      values[field] = tonumber(value)
    elseif rule == '>' then
      values[field] = math.max(before, tonumber(value))
    else
      values[field] = before + tonumber(value)
    end
  end
end
local merged = {}
for _, field in ipairs(fields) do
  local value = values[field]
  merged[#merged + 1] = field
  merged[#merged + 1] = string.sub(field, 1, 1) == '=' and value or string.format('%.0f', value)
end
return merged
`,
  { isReply: isListOf(isText) },
);

/**
 * Reads the metrics of a group. 1 request, 1 command.
 * @param at the end of the window, in ms since the epoch; default: now
 * @throws {RedisError}
 */
export async function readCounters(
  { redis, system }: ReadScope,
  { group, window, at = system.now() }: { group: Group; window: Window; at?: number },
): Promise<CounterReading> {
  const { keys, from, to } = hashesOf(group, window, at);
  return readingOf(group, await readScript.call(redis, keys, []), from, to);
}

/**
 * Reads the metrics of a group for each of the last `minutes` minutes (at most 120), the oldest first; the last one is
 * the current minute. 1 request, 1 command for each minute.
 * @throws {RedisError}
 */
export async function readTimeline(
  { redis, system }: ReadScope,
  { group, minutes, at = system.now() }: { group: Group; minutes: number; at?: number },
): Promise<CounterReading[]> {
  const times = startsOf(Math.min(120, minutes), MINUTE_MS, at);
  return Promise.all(
    times.map(async (start) => {
      const flat = await readScript.call(redis, [minuteKey(group, start)], []);
      return readingOf(group, flat, start, Math.min(at, start + MINUTE_MS));
    }),
  );
}

/** Returns the starts of the last `count` periods, the oldest first. */
function startsOf(count: number, periodMs: number, at: number): number[] {
  const current = Math.floor(at / periodMs) * periodMs;
  return Array.from({ length: count }, (_, index) => current - (count - 1 - index) * periodMs);
}

function hashesOf(group: Group, window: Window, at: number): { keys: RedisKey[]; from: number | null; to: number } {
  if (window === 'total') return { keys: [sumsKey(group)], from: null, to: at };
  if (typeof window === 'object') {
    const from = Math.floor(window.hour / HOUR_MS) * HOUR_MS;
    return { keys: [hourKey(group, from)], from, to: Math.min(at, from + HOUR_MS) };
  }
  const hours = window === '24h' ? 24 : window === 'today' ? new Date(at).getUTCHours() + 1 : null;
  if (hours !== null) {
    const starts = startsOf(hours, HOUR_MS, at);
    return { keys: starts.map((start) => hourKey(group, start)), from: starts[0] ?? at, to: at };
  }
  const starts = startsOf(window === '1h' ? 60 : Number.parseInt(window, 10), MINUTE_MS, at);
  return { keys: starts.map((start) => minuteKey(group, start)), from: starts[0] ?? at, to: at };
}

/** Returns the reading of the fields and values of one group. */
export function readingOf(group: Group, flat: readonly string[], from: number | null, to: number): CounterReading {
  /** The values by metric: the labels' values, joined, and after the last `|` of a duration the bucket or `sum`. */
  const metrics = new Map<string, [values: string[], value: string][]>();
  for (let index = 0; index < flat.length; index += 2) {
    if (flat[index + 1] === ENDED) continue;
    const [metric = '', ...values] = (flat[index] ?? '').replace(/^[>=]/, '').split('|');
    const all = metrics.get(metric) ?? [];
    metrics.set(metric, all);
    all.push([values, flat[index + 1] ?? '']);
  }

  function seriesOf(name: MetricName, labelsWanted: object = {}) {
    const wanted = labelsWanted as Readonly<Record<string, string | undefined>>;
    if (groupOf(name) !== group) throw new TypeError(`${name} is not in the group ${group}`);
    const labels = Object.keys(METRICS[name].labels);
    const all = metrics.get(name.slice(group.length + 1)) ?? [];
    return all.filter(([values]) =>
      labels.every((label, at) => wanted[label] === undefined || wanted[label] === values[at]),
    );
  }

  return {
    group,
    from,
    to,
    sum: (name, labels) => seriesOf(name, labels).reduce((all, [, value]) => all + Number(value), 0),
    durations(name, labels) {
      const buckets = new Map<number, number>();
      let sum = 0;
      for (const [values, value] of seriesOf(name, labels)) {
        const last = values.at(-1) ?? '';
        if (last === 'sum') sum += Number(value);
        else buckets.set(Number(last), (buckets.get(Number(last)) ?? 0) + Number(value));
      }
      return histogramOf(buckets, sum);
    },
    value(name, labels) {
      const [found] = seriesOf(name, labels);
      return found ? Number(found[1]) : null;
    },
    text: (name, labels) => seriesOf(name, labels)[0]?.[1] ?? null,
    labels(name) {
      const labels = Object.keys(METRICS[name].labels);
      const seen = new Map<string, string[]>();
      for (const [values] of seriesOf(name)) {
        const own = values.slice(0, labels.length);
        seen.set(own.join('|'), own);
      }
      type Found = LabelsOf<typeof name>;
      return [...seen.values()].map(
        (own) => Object.fromEntries(labels.map((label, at) => [label, own[at] ?? ''])) as Found,
      );
    },
  };
}
