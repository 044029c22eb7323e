/** The alerts of the platform itself: Redis, the backlog of jobs, the outbox and the schedules. */

import { readJournalBacklog } from '../cache/index.ts';
import { readBacklog, readSchedules, type Schedule } from '../jobs/index.ts';
import { infoNumber } from '../redis/index.ts';
import { type Alert, type AlertContext, alert } from './alert.ts';
import { measuredAlerts } from './measured.ts';

const MINUTE_MS = 60_000;

/** Reads `INFO` of Redis once in an evaluation. 1 request, 1 command. */
function redisInfo({ scope, shared }: AlertContext): Promise<string> {
  return shared('redis.info', async () => String(await scope.redis.exec<string>(['INFO'])));
}

/** While Redis does not answer, no other measure of Redis has a value, so this alert explains them. */
export const redisUnreachable = alert('redis-unreachable', {
  summary: 'Redis does not answer. Answers are right but slow, and limits, locks and live updates do not work.',
  severity: 'critical',
  unit: 'count',
  measure: (context) =>
    redisInfo(context).then(
      () => ({ value: 0 }),
      () => ({ value: 1 }),
    ),
  above: 0,
  clear: 0,
  for: '1m',
  keep: '2m',
  mutes: [
    ...[
      'redis-memory',
      'backlog',
      'backlog-age',
      'missed-schedule',
      'redis-errors',
      'redis-permissions',
      'hit-ratio',
      'slow',
    ],
    ...['dead-letters', 'job-failures', 'refused-requests', 'refused-deliveries', 'evictions', 'journal-age'],
  ],
  runbook: 'docs/runbooks/redis-unreachable.md',
});

export const redisMemory = alert('redis-memory', {
  summary: 'Redis uses more than 80 % of its memory. A full Redis refuses writes.',
  severity: 'warning',
  unit: 'share',
  async measure(context) {
    const limit = context.scope.environment.REDIS_MEMORY_LIMIT;
    if (limit === undefined) return null;
    const used = infoNumber(await redisInfo(context), 'used_memory');
    return used === null ? null : { value: used / limit };
  },
  above: 0.8,
  clear: 0.75,
  for: '5m',
  runbook: 'docs/runbooks/high-memory.md',
});

const backlogOf = ({ scope, shared }: AlertContext) => shared('jobs.backlog', () => readBacklog(scope));

export const backlog = alert('backlog', {
  summary: 'More than 500 jobs are due and do not run.',
  severity: 'warning',
  unit: 'count',
  measure: async (context) => ({ value: (await backlogOf(context)).waiting }),
  above: 500,
  clear: 400,
  for: '2m',
  runbook: 'docs/runbooks/backlog-grows.md',
});

export const backlogAge = alert('backlog-age', {
  summary: 'A job has been due for more than 5 minutes and does not run.',
  severity: 'warning',
  unit: 'ms',
  measure: async (context) => ({ value: (await backlogOf(context)).oldestMs }),
  above: 5 * MINUTE_MS,
  clear: 2 * MINUTE_MS,
  for: '2m',
  runbook: 'docs/runbooks/backlog-grows.md',
});

export const outboxAge = alert('outbox-age', {
  summary: 'An effect of a committed write has waited for more than 2 minutes in the outbox.',
  severity: 'critical',
  unit: 'ms',
  async measure({ scope, at }) {
    const [row] = await scope.store.query<{ oldest: number | null }>(OLDEST, [new Date(at).toISOString()]);
    return { value: row?.oldest == null ? 0 : Math.max(0, at - row.oldest) };
  },
  above: 2 * MINUTE_MS,
  clear: MINUTE_MS,
  for: '1m',
  runbook: 'docs/runbooks/backlog-grows.md',
});

/** An entry that is not due, and that no drain has tried, waits on purpose. */
const OLDEST = `
  SELECT (extract(epoch FROM min(created_at)) * 1000)::float8 AS oldest FROM outbox
  WHERE due_at <= $1::timestamp OR attempts > 0`;

/** Creates the alert about writes that wait for their flush. 1 request, 2 commands for each query with write-behind. */
export function journalAge(queries: readonly { readonly name: string; readonly writtenBehind: boolean }[]): Alert {
  return alert('journal-age', {
    summary: 'A write has waited for more than 5 minutes for its flush to the database. Only Redis has it.',
    severity: 'critical',
    unit: 'ms',
    async measure({ scope }) {
      const behind = queries.filter(({ writtenBehind }) => writtenBehind);
      const backlogs = await Promise.all(behind.map((query) => readJournalBacklog(scope, query)));
      return { value: Math.max(0, ...backlogs.map(({ ageMs }) => ageMs)) };
    },
    above: 5 * MINUTE_MS,
    clear: 2 * MINUTE_MS,
    for: '1m',
    runbook: 'docs/runbooks/schedule-missed.md',
  });
}

/** The alerts that need no list of the app. */
export const standardAlerts: readonly Alert[] = [
  ...[redisUnreachable, redisMemory, backlog, backlogAge, outboxAge],
  ...measuredAlerts,
];

/** A tick counts as missed if no run of it has ended, or is running, after this time, in ms. */
const LATE_MS = 15 * MINUTE_MS;

/** Creates the alert about schedules that did not run. 1 request, 1 command for each schedule. */
export function missedSchedules(schedules: () => readonly Schedule[]): Alert {
  return alert('missed-schedule', {
    summary: 'A schedule has not run at its time. Perhaps no trigger reaches the service.',
    severity: 'warning',
    unit: 'count',
    async measure({ scope, at }) {
      // Non-exclusive schedules record only runs with work.
      const exclusive = schedules().filter((schedule) => schedule.exclusive);
      const statuses = await readSchedules(scope, exclusive);
      const missed = exclusive.filter((schedule, index) => {
        const { last, running, paused, resumedAt } = statuses[index] ?? {};
        const due = schedule.latest(at - LATE_MS);
        if (due === null || paused || due < (resumedAt ?? 0)) return false;
        // A schedule that has never run may be new.
        return !running && last != null && last.tick < due;
      });
      return { value: missed.length };
    },
    above: 0,
    clear: 0,
    for: '1m',
    keep: '1m',
    runbook: 'docs/runbooks/schedule-missed.md',
  });
}
