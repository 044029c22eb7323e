/** The alerts on the shared counters: hits of the cache, failures, response times, refusals and the error budget. */
import { type CounterReading, type Group, readCounters, type Window } from '../counters/index.ts';
import { type Alert, type AlertContext, alert, type Reading } from './alert.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Reads a group once in an evaluation. 1 command; all readings share 1 request. */
function reading({ scope, at, shared }: AlertContext, group: Group, window: Window): Promise<CounterReading> {
  const name = `counters.${group}.${typeof window === 'string' ? window : window.hour}`;
  return shared(name, () => readCounters(scope, { group, window, at }));
}

const share = (part: number, samples: number): Reading => ({ value: samples === 0 ? 0 : part / samples, samples });

export const hitRatio = alert('hit-ratio', {
  summary: 'Fewer than 60 % of the reads in 10 minutes were answered from the cache.',
  severity: 'warning',
  unit: 'share',
  async measure(context) {
    const cache = await reading(context, 'cache', '10m');
    const hits = cache.sum('cache.reads', { outcome: 'hit' }) + cache.sum('cache.reads', { outcome: 'stale' });
    return share(hits, cache.sum('cache.reads'));
  },
  below: 0.6,
  clear: 0.65,
  for: '5m',
  atLeast: 500,
  runbook: 'docs/runbooks/hit-ratio-fell.md',
});

export const jobFailures = alert('job-failures', {
  summary: 'More than 5 % of the runs of jobs in 10 minutes failed.',
  severity: 'warning',
  unit: 'share',
  async measure(context) {
    const jobs = await reading(context, 'jobs', '10m');
    const failed = jobs.sum('jobs.runs', { outcome: 'failed' }) + jobs.sum('jobs.runs', { outcome: 'dead' });
    return share(failed, jobs.sum('jobs.runs'));
  },
  above: 0.05,
  clear: 0.03,
  for: '5m',
  atLeast: 50,
  runbook: 'docs/runbooks/dead-letters.md',
});

export const deadLetters = alert('dead-letters', {
  summary: 'A job has become a dead letter.',
  severity: 'warning',
  unit: 'count',
  measure: async (context) => ({
    value: (await reading(context, 'jobs', '10m')).sum('jobs.runs', { outcome: 'dead' }),
  }),
  above: 0,
  clear: 0,
  runbook: 'docs/runbooks/dead-letters.md',
});

/** Fewer failures than this are no alert, however small the traffic. */
export const LEAST_FAILURES = 5;

export const redisErrors = alert('redis-errors', {
  summary: 'More than 0.5 % of the requests to Redis in 5 minutes failed.',
  severity: 'critical',
  unit: 'share',
  async measure(context) {
    const sent = await reading(context, 'redis', '5m');
    const failures = sent.sum('redis.failures');
    return failures < LEAST_FAILURES ? { value: 0 } : share(failures, sent.sum('redis.requests'));
  },
  above: 0.005,
  clear: 0.001,
  for: '1m',
  mutes: ['hit-ratio', 'slow'],
  runbook: 'docs/runbooks/redis-unreachable.md',
});

export const redisPermissions = alert('redis-permissions', {
  summary: 'Redis refused a command of the app, because its user lacks the permission.',
  severity: 'critical',
  unit: 'count',
  measure: async (context) => ({
    value: (await reading(context, 'redis', '5m')).sum('redis.refused', { reply: 'NOPERM' }),
  }),
  above: 0,
  clear: 0,
  runbook: 'docs/access.md',
});

/** An hour with fewer answers has no baseline. */
const LEAST_ANSWERS = 200;
/** Answers below this time are fast, however fast earlier ones were; in ms. */
const FAST_MS = 50;

/** Returns the median of the 95th percentiles of this hour on the last 7 days; else that of the last 24 hours. */
async function baselineOf(context: AlertContext): Promise<number | null> {
  const days = await Promise.all(
    Array.from({ length: 7 }, (_, day) => reading(context, 'http', { hour: context.at - (day + 1) * DAY_MS })),
  );
  const p95 = (http: CounterReading) => {
    const times = http.durations('http.time');
    return times.count < LEAST_ANSWERS ? [] : [times.quantile(0.95) ?? 0];
  };
  const known = days.flatMap(p95).sort((one, other) => one - other);
  const [last] = p95(await reading(context, 'http', '24h'));
  return known[Math.floor(known.length / 2)] ?? last ?? null;
}

export const slow = alert('slow', {
  summary: 'The 95th percentile of the response time in 10 minutes is more than twice that of other days.',
  severity: 'warning',
  unit: 'times',
  async measure(context) {
    const [http, baseline] = await Promise.all([reading(context, 'http', '10m'), baselineOf(context)]);
    const times = http.durations('http.time');
    if (baseline === null) return null;
    return { value: (times.quantile(0.95) ?? 0) / Math.max(FAST_MS, baseline), samples: times.count };
  },
  above: 2,
  clear: 1.5,
  for: '10m',
  atLeast: LEAST_ANSWERS,
  runbook: 'docs/guides/performance-tuning.md',
});

/** A rule with fewer requests in 10 minutes is not measured. */
export const LEAST_OF_RULE = 100;

export const refusedRequests = alert('refused-requests', {
  summary: 'A limit refused more than 5 % of its requests in 10 minutes.',
  severity: 'warning',
  unit: 'share',
  async measure(context) {
    const limits = await reading(context, 'limits', '10m');
    const rules = new Set(limits.labels('limits.requests').map(({ rule }) => rule));
    const shares = [...rules].map((rule) => {
      const all = limits.sum('limits.requests', { rule });
      return all < LEAST_OF_RULE ? 0 : limits.sum('limits.requests', { rule, outcome: 'limited' }) / all;
    });
    return { value: Math.max(0, ...shares) };
  },
  above: 0.05,
  clear: 0.03,
  for: '5m',
  runbook: 'docs/runbooks/noisy-tenant.md',
});

export const refusedDeliveries = alert('refused-deliveries', {
  summary: 'More than 20 deliveries in 10 minutes were refused. Perhaps the signing keys of QStash have changed.',
  severity: 'warning',
  unit: 'count',
  measure: async (context) => ({
    value: (await reading(context, 'deliveries', '10m')).sum('deliveries.refused'),
  }),
  above: 20,
  clear: 5,
  runbook: 'docs/runbooks/backlog-grows.md',
});

/** The share of answers that may be 5xx: the error budget of 99.9 %. */
const BUDGET = 0.001;

/**
 * Returns the rate at which the error budget burns: 1 uses up exactly the budget of 30 days. Both windows must burn, so
 * that the alert ends soon after the errors end. Source: The Site Reliability Workbook, chapter 5, “Multiwindow,
 * Multi-Burn-Rate Alerts”.
 */
async function burnOf(context: AlertContext, long: Window, short: Window): Promise<Reading> {
  const [one, other] = await Promise.all([reading(context, 'http', long), reading(context, 'http', short)]);
  const rate = (http: CounterReading) =>
    share(http.sum('http.requests', { status: '5xx' }), http.sum('http.requests')).value / BUDGET;
  return { value: Math.min(rate(one), rate(other)), samples: one.sum('http.requests') };
}

export const budgetBurnsFast = alert('budget-burns-fast', {
  summary: 'Answers with 5xx use up the error budget of 30 days in 2 days.',
  severity: 'critical',
  unit: 'times',
  measure: (context) => burnOf(context, '1h', '5m'),
  above: 14.4,
  clear: 10,
  keep: '2m',
  atLeast: 100,
  runbook: 'docs/runbooks/failed-deployment.md',
});

export const budgetBurnsSlowly = alert('budget-burns-slowly', {
  summary: 'Answers with 5xx use up the error budget of 30 days in 10 days.',
  severity: 'warning',
  unit: 'times',
  measure: (context) => burnOf(context, '24h', '1h'),
  above: 3,
  clear: 2,
  atLeast: 1_000,
  runbook: 'docs/runbooks/failed-deployment.md',
});

export const evictions = alert('evictions', {
  summary: 'Redis removed keys because its memory was full. Sessions, jobs and limits may have been lost.',
  severity: 'critical',
  unit: 'count',
  measure: async (context) => ({ value: (await reading(context, 'server', '10m')).sum('server.evicted') }),
  above: 0,
  clear: 0,
  runbook: 'docs/runbooks/redis-full.md',
});

/** The alerts on counters. Together 1 request to Redis with 16 commands. */
export const measuredAlerts: readonly Alert[] = [
  ...[hitRatio, jobFailures, deadLetters, redisErrors, redisPermissions, slow],
  ...[refusedRequests, refusedDeliveries, budgetBurnsFast, budgetBurnsSlowly, evictions],
];
