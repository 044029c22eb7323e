/** The schedules that sample Redis and send the metrics to a collector. */
import { GROUPS, readCounters } from '../counters/index.ts';
import { type Schedule, schedule } from '../jobs/index.ts';
import { otlpMetrics } from './otlp-metrics.ts';
import { sampleMemory } from './sample-memory.ts';
import { sampleServer } from './sample-server.ts';

/** Samples Redis's own figures each minute. */
const serverSchedule = schedule('redis.sample', {
  cron: '* * * * *',
  async run({ scope }) {
    await sampleServer(scope);
    return undefined;
  },
});

/** Estimates the memory of each family of keys. */
const memorySchedule = schedule('redis.sample-memory', {
  cron: '*/15 * * * *',
  timeout: '2m',
  run: ({ scope, signal }) => sampleMemory(scope, { signal }),
});

/**
 * Sends the metrics to the collector each minute. Costs 1 request to Redis, with 1 command for each group, and 1 request
 * to the collector; nothing without a collector.
 */
const metricsSchedule = schedule('metrics.send', {
  cron: '* * * * *',
  exclusive: false,
  async run({ scope }) {
    if (!scope.exporter) return undefined;
    const at = scope.system.now();
    const readings = await Promise.all(GROUPS.map((group) => readCounters(scope, { group, window: 'total' })));
    await scope.exporter.sendMetrics(otlpMetrics(readings, at), scope.log);
    return undefined;
  },
});

/** The schedules of this room. */
export const observeSchedules: readonly Schedule[] = [serverSchedule, memorySchedule, metricsSchedule];
