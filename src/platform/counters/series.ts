/**
 * Reads metrics minute by minute, for charts: one script for all minutes. Redis adds up the series of each minute over
 * their labels, so the size of the answer does not depend on the number of routes or queries.
 */
import { isListOf, isText, script } from '../redis/index.ts';
import { MINUTE_MS, minuteKey } from './apply.ts';
import { groupOf } from './counters.ts';
import type { NameOf } from './metrics.ts';
import { type CounterReading, type ReadScope, readingOf } from './read.ts';

/** The minutes that Redis keeps; see `apply.ts`. */
const MOST_MINUTES = 120;

const seriesScript = script<string[][]>(
  'counters.series',
  `
-- Reads some metrics of several hashes of counters, and adds up their series over all labels except the last.
-- KEYS[…] hashes of one group  ARGV[…] names of metrics that are sums or durations, without their group
-- Returns for each hash a list of fields and values. A label that was added up is empty: 'requests|GET /deals|5xx' is
-- returned as 'requests||5xx', and 'time|GET /deals|12' as 'time||12'.
local wanted = {}
for _, metric in ipairs(ARGV) do wanted[metric] = true end
local series = {}
for place, hash in ipairs(KEYS) do
  local flat, values, fields = redis.call('HGETALL', hash), {}, {}
  for at = 1, #flat, 2 do
    local metric, labels, last = string.match(flat[at], '^([^|]*)(.-)([^|]*)$')
    if wanted[metric] then
      local field = metric .. string.gsub(labels, '[^|]+', '') .. last
      if values[field] == nil then fields[#fields + 1] = field end
      values[field] = (values[field] or 0) + tonumber(flat[at + 1])
    end
  end
  local line = {}
  for _, field in ipairs(fields) do
    line[#line + 1] = field
    line[#line + 1] = string.format('%.0f', values[field])
  end
  series[place] = line
end
return series
`,
  { isReply: isListOf(isListOf(isText)) },
);

/** Metrics of one group. */
export interface SeriesOptions {
  /** Sums and durations of one group. */
  metrics: readonly [NameOf<'count' | 'time'>, ...NameOf<'count' | 'time'>[]];
  /** The number of minutes, at most 120. */
  minutes: number;
  /** The end: the minute that contains this time (ms since the epoch) is left out, because it is not complete. Default: now. */
  at?: number;
}

/**
 * Reads sums and durations for each of the last complete minutes, the oldest first. They are added up over every label
 * except the last one of a sum, so readings know `status` of `http.requests` and `outcome` of `cache.reads`, and no
 * route and no query. 1 request, 1 command.
 * @throws {RedisError}
 */
export async function readSeries(
  { redis, system }: ReadScope,
  { metrics, minutes, at = system.now() }: SeriesOptions,
): Promise<CounterReading[]> {
  const group = groupOf(metrics[0]);
  const count = Math.min(MOST_MINUTES - 1, minutes);
  const end = Math.floor(at / MINUTE_MS) * MINUTE_MS;
  const starts = Array.from({ length: count }, (_, index) => end - (count - index) * MINUTE_MS);
  const names = metrics.map((metric) => metric.slice(group.length + 1));
  const keys = starts.map((start) => minuteKey(group, start));
  const series = await seriesScript.call(redis, keys, names);
  return starts.map((start, index) => readingOf(group, series[index] ?? [], start, start + MINUTE_MS));
}
