/** The charts of the service: time to answer, requests, and hits of the cache. */
import { type CounterReading, readSeries } from '../../platform/counters/index.ts';
import type { Scope } from '../../platform/http/index.ts';
import { CHART_MINUTES, Chart } from '../parts/chart.tsx';
import type { Line } from '../parts/chart-data.ts';
import { readsOf } from './cache-queries.tsx';

/** Reads the answers of all routes by minute. 1 command. */
export function readAnswers(scope: Scope): Promise<CounterReading[]> {
  return readSeries(scope, { metrics: ['http.requests', 'http.time'], minutes: CHART_MINUTES });
}

/** Reads the reads of all queries by minute. 1 command. */
export function readReads(scope: Scope): Promise<CounterReading[]> {
  return readSeries(scope, { metrics: ['cache.reads'], minutes: CHART_MINUTES });
}

/** The time to answer, and the number of answers with the share of faults. */
export function AnswerCharts({ series }: { series: readonly CounterReading[] }) {
  const times = series.map((minute) => minute.durations('http.time'));
  const quantile = (share: number) => times.map((each) => each.quantile(share));
  const answers = series.map((minute) => minute.sum('http.requests'));
  const faults = series.map((minute) => minute.sum('http.requests', { status: '5xx' }));
  const time: Line[] = [
    { name: 'p50', unit: 'ms', colour: '--accent', values: quantile(0.5) },
    { name: 'p95', unit: 'ms', colour: '--warn', values: quantile(0.95) },
    { name: 'p99', unit: 'ms', colour: '--bad', values: quantile(0.99) },
  ];
  const requests: Line[] = [
    { name: 'Requests', unit: 'per min', as: 'bars', colour: '--busy', values: answers },
    { name: '5xx', unit: '%', colour: '--bad', values: faults.map((count, at) => shareOf(count, answers[at])) },
  ];
  return (
    <div class="charts">
      <Chart title="Response time" series={series} lines={time} />
      <Chart title="Requests and share of 5xx" series={series} lines={requests} />
    </div>
  );
}

/** The hit ratio of the cache, with the number of reads. */
export function HitChart({ series }: { series: readonly CounterReading[] }) {
  const reads = series.map((minute) => readsOf(minute));
  const hits = reads.map(({ hitRatio }) => (hitRatio === null ? null : 100 * hitRatio));
  return (
    <Chart
      title="Reads and hit ratio"
      series={series}
      lines={[
        { name: 'Reads', unit: 'per min', as: 'bars', colour: '--busy', values: reads.map(({ all }) => all) },
        { name: 'Hit ratio', unit: '%', colour: '--accent', values: hits },
      ]}
    />
  );
}

function shareOf(part: number, all: number | undefined): number | null {
  return all ? (100 * part) / all : null;
}
