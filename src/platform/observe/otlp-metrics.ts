/**
 * Counters as metrics of OpenTelemetry. Sums are cumulative, and times are exponential histograms of scale 2, whose
 * buckets are the counters' own, so no count is estimated.
 */
import {
  type CounterReading,
  type Histogram,
  type LabelsOf,
  METRICS,
  type Metric,
  type MetricName,
  type NameOf,
} from '../counters/index.ts';
import { attributesBody, nanoseconds } from '../telemetry/index.ts';

/** The number of cumulative sums in the protocol. */
const CUMULATIVE = 2;
const SCALE = 2;

/** Returns the metrics of the readings of all groups, with the time of the readings in ms. Texts are left out. */
export function otlpMetrics(readings: readonly CounterReading[], at: number): object[] {
  return (Object.keys(METRICS) as MetricName[]).flatMap((name) => {
    const reading = readings.find(({ group }) => name.startsWith(`${group}.`));
    return reading && METRICS[name].kind !== 'text' ? metricBody(name, reading, nanoseconds(at)) : [];
  });
}

function metricBody(name: MetricName, reading: CounterReading, timeUnixNano: string): object[] {
  const { kind, help, unit }: Metric = METRICS[name];
  const series = reading.labels(name);
  if (series.length === 0) return [];
  const pointsOf = (pointOf: (labels: object) => object) =>
    series.map((labels) => ({ attributes: attributesBody({ ...labels }), timeUnixNano, ...pointOf(labels) }));
  const described = {
    name: `holdfast.${name}`,
    description: help,
    unit: kind === 'time' || unit === 'ms' ? 'ms' : '1',
  };
  if (kind === 'time') {
    const dataPoints = pointsOf((labels) => histogramPoint(reading.durations(name as NameOf<'time'>, labels)));
    return [{ ...described, exponentialHistogram: { dataPoints, aggregationTemporality: CUMULATIVE } }];
  }
  if (kind === 'count') {
    const dataPoints = pointsOf((labels) => ({ asDouble: reading.sum(name as NameOf<'count'>, labels) }));
    return [{ ...described, sum: { dataPoints, aggregationTemporality: CUMULATIVE, isMonotonic: true } }];
  }
  type Gauge = NameOf<'gauge' | 'most'>;
  const numberOf = (labels: object) => reading.value(name as Gauge, labels as LabelsOf<Gauge>) ?? 0;
  return [{ ...described, gauge: { dataPoints: pointsOf((labels) => ({ asDouble: numberOf(labels) })) } }];
}

function histogramPoint({ count, sum, buckets }: Histogram): object {
  const indexes = [...buckets.keys()];
  const [offset, last] = [Math.min(...indexes), Math.max(...indexes)];
  const bucketCounts = Array.from({ length: last - offset + 1 }, (_, at) => String(buckets.get(offset + at) ?? 0));
  return { count: String(count), sum, scale: SCALE, zeroCount: '0', positive: { offset, bucketCounts } };
}
