/**
 * The alerts of the care area. A value tells how long a patient waits or how many reviews are late, and never whose: the
 * board and the list of emergencies show it to those who may know.
 */
import { alert } from '../platform/alerts/index.ts';
import { REVIEW_HOURS } from './break-glass/writes.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** How long a patient may wait between the arrival and the room, in ms. */
const LONGEST_WAIT_MS = 45 * MINUTE_MS;
/** A visit that arrived longer ago was forgotten, and is no longer a patient who waits, in ms. */
const FORGOTTEN_MS = 12 * HOUR_MS;

/** 1 statement, over an index of the patients who wait. */
export const longWait = alert('care-long-wait', {
  summary: 'A patient has waited for more than 45 minutes since the arrival.',
  severity: 'warning',
  unit: 'ms',
  async measure({ scope, at }) {
    const [row] = await scope.store.query<{ oldest: number | null }>(OLDEST, [isoOf(at - FORGOTTEN_MS)]);
    return { value: row?.oldest == null ? 0 : Math.max(0, at - row.oldest) };
  },
  above: LONGEST_WAIT_MS,
  clear: LONGEST_WAIT_MS,
  keep: '1m',
  runbook: 'docs/care-flow.md',
});

/** 1 statement, over an index of the accesses without a review. */
export const lateReviews = alert('care-reviews-late', {
  summary: `Accesses in emergencies have had no review for more than ${REVIEW_HOURS} hours.`,
  severity: 'warning',
  unit: 'count',
  async measure({ scope, at }) {
    const [row] = await scope.store.query<{ count: number }>(LATE, [isoOf(at - REVIEW_HOURS * HOUR_MS)]);
    return { value: row?.count ?? 0 };
  },
  above: 0,
  clear: 0,
  keep: 0,
  runbook: 'docs/care.md',
});

const OLDEST = `
  SELECT (extract(epoch FROM min(arrived_at)) * 1000)::float8 AS oldest FROM appointments
  WHERE status = 'arrived' AND arrived_at > $1::timestamp`;

const LATE = `
  SELECT count(*)::int AS count FROM break_glass WHERE reviewed_at IS NULL AND started_at < $1::timestamp`;

/** Returns a time in ms since the epoch as PostgreSQL reads it. */
function isoOf(time: number): string {
  return new Date(time).toISOString();
}
