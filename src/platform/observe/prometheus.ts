/**
 * Counters as text for Prometheus (exposition format 0.0.4). Times are in seconds. The bounds of the buckets are powers
 * of two in ms, which are bounds of the counters' own buckets, so the counts of buckets are exact.
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

/** The media type of the text. */
export const PROMETHEUS = 'text/plain; version=0.0.4; charset=utf-8';

const BOUNDS_MS = Array.from({ length: 17 }, (_, power) => 2 ** (power - 1));

/** Returns the metrics of the readings of all groups. Texts are left out: Prometheus keeps numbers only. */
export function prometheusText(readings: readonly CounterReading[]): string {
  const lines: string[] = [];
  for (const name of Object.keys(METRICS) as MetricName[]) {
    const reading = readings.find(({ group }) => name.startsWith(`${group}.`));
    if (reading) lines.push(...metricLines(name, reading));
  }
  return `${lines.join('\n')}\n`;
}

/** Returns the name of a metric for Prometheus, without the parts of a histogram; `null` for a text. */
export function prometheusName(name: MetricName): string | null {
  const { kind, unit }: Metric = METRICS[name];
  if (kind === 'text') return null;
  const isTime = kind === 'time' || unit === 'ms';
  return `holdfast_${name.replace('.', '_')}${isTime ? '_seconds' : ''}${kind === 'count' ? '_total' : ''}`;
}

function metricLines(name: MetricName, reading: CounterReading): string[] {
  const { kind, help, unit }: Metric = METRICS[name];
  const full = prometheusName(name);
  const series = reading.labels(name);
  if (full === null || series.length === 0) return [];
  const type = kind === 'count' ? 'counter' : kind === 'time' ? 'histogram' : 'gauge';
  const numberOf = (labels: object): number =>
    kind === 'count'
      ? reading.sum(name as NameOf<'count'>, labels)
      : (reading.value(name as NameOf<'gauge' | 'most'>, labels as LabelsOf<NameOf<'gauge' | 'most'>>) ?? 0);
  return [
    `# HELP ${full} ${help}`,
    `# TYPE ${full} ${type}`,
    ...series.flatMap((labels) =>
      kind === 'time'
        ? histogramLines(full, reading.durations(name as NameOf<'time'>, labels), labels)
        : [`${full}${labelled(labels)} ${unit === 'ms' ? numberOf(labels) / 1000 : numberOf(labels)}`],
    ),
  ];
}

function histogramLines(full: string, durations: Histogram, labels: object): string[] {
  return [
    ...BOUNDS_MS.map((ms) => `${full}_bucket${labelled({ ...labels, le: ms / 1000 })} ${durations.atMost(ms)}`),
    `${full}_bucket${labelled({ ...labels, le: '+Inf' })} ${durations.count}`,
    `${full}_sum${labelled(labels)} ${durations.sum / 1000}`,
    `${full}_count${labelled(labels)} ${durations.count}`,
  ];
}

function labelled(labels: object): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}="${escaped(String(value))}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
