/** The figures of the server for a span of time: the difference of two readings of its shared counters. */
import {
  type CounterReading,
  type Histogram,
  histogramOf,
  type ReadScope,
  readCounters,
} from '../../src/platform/counters/index.ts';
import type { ServerFigures } from './report.ts';

/** Reads the sums of all answers so far. 1 request, 1 command. */
export function readAnswers(scope: ReadScope): Promise<CounterReading> {
  return readCounters(scope, { group: 'http', window: 'total' });
}

/** Returns the figures of some routes between two readings. */
export function figuresBetween(before: CounterReading, after: CounterReading, routes: Iterable<string>): ServerFigures {
  const names = [...routes];
  const requests = new Map(
    names.map((route) => [route, after.sum('http.requests', { route }) - before.sum('http.requests', { route })]),
  );
  return {
    requests,
    times: names.map((route) => timesBetween(before, after, route)).reduce(added, histogramOf(new Map(), 0)),
  };
}

function timesBetween(before: CounterReading, after: CounterReading, route: string): Histogram {
  const [earlier, later] = [before.durations('http.time', { route }), after.durations('http.time', { route })];
  const buckets = [...later.buckets].map(([bucket, count]): [number, number] => [
    bucket,
    count - (earlier.buckets.get(bucket) ?? 0),
  ]);
  return histogramOf(new Map(buckets), later.sum - earlier.sum);
}

function added(one: Histogram, other: Histogram): Histogram {
  const buckets = new Map(one.buckets);
  for (const [bucket, count] of other.buckets) buckets.set(bucket, (buckets.get(bucket) ?? 0) + count);
  return histogramOf(buckets, one.sum + other.sum);
}
