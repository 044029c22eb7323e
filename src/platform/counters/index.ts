/** Counters of all isolates: sums, durations and last values, by minute, by hour and in total. */
export {
  type CounterServices,
  type Counters,
  countedTransport,
  createCounters,
  type FlushServices,
} from './counters.ts';
export { type Histogram, histogramOf } from './histogram.ts';
export {
  type Group,
  type Kind,
  type LabelsOf,
  METRICS,
  type Metric,
  type MetricName,
  type NameOf,
} from './metrics.ts';
export {
  type CounterReading,
  GROUPS,
  type ReadScope,
  readCounters,
  readTimeline,
  WINDOWS,
  type Window,
} from './read.ts';
export { readSeries, type SeriesOptions } from './series.ts';
export { countStatement, fingerprintOf } from './statement.ts';
