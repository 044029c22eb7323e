/**
 * The parts of keys, and the buckets of days and months.
 *
 * A month begins at a different moment in every time zone, and a tenant may change its zone. So a month is no bucket.
 * But the offsets of all zones are between -12 and +14 hours and, since 1980, multiples of a quarter of an hour. So each
 * month, in every zone, begins at a quarter of an hour in the 26 hours around the turn of the month in UTC. These 104
 * quarters are buckets of their own, and the rest of the month is one bucket. Every month of every zone is a sum of whole
 * buckets, and one month has at most 105 of them.
 */

/** A bucket of a column. */
export interface BucketOf {
  readonly of: 'day' | 'month';
  readonly column: string;
}

/** A part of a key: a column, or a bucket of a column. */
export type Part = string | BucketOf;

/** The text of a bucket. Texts sort as the buckets do. */
export type Bucket = string & { readonly bucket: unique symbol };

/** Puts the days of a DATE column into buckets. Days need no time zone. */
export function day(column: string): BucketOf {
  return { of: 'day', column };
}

/** Puts the moments of a TIMESTAMP column, in UTC, into buckets from which months of every time zone can be added up. */
export function month(column: string): BucketOf {
  return { of: 'month', column };
}

/** Returns the bucket of a day, `2026-11-30`. */
export function dayBucket(day: string): Bucket {
  return day as Bucket;
}

const HOUR_MS = 3_600_000;
const QUARTER_MS = HOUR_MS / 4;
/** A month begins in the easternmost zones this long before its begin in UTC, in ms. */
const BEFORE_MS = 14 * HOUR_MS;
/** A month begins in the westernmost zones this long after its begin in UTC, in ms. */
const AFTER_MS = 12 * HOUR_MS;

/**
 * Returns the first bucket of the month that begins at a moment, in some zone.
 * @throws {RangeError} if no month can begin at this moment: it is more than 14 hours before or 12 hours after the turn
 * of a month in UTC, or not a quarter of an hour.
 */
export function monthBucket(begin: Date): Bucket {
  const near = new Date(begin.getTime() + BEFORE_MS);
  const turn = Date.UTC(near.getUTCFullYear(), near.getUTCMonth());
  if (begin.getTime() > turn + AFTER_MS || begin.getTime() % QUARTER_MS !== 0) {
    throw new RangeError(`No month begins at ${begin.toISOString()}`);
  }
  return begin.toISOString().slice(0, 16) as Bucket;
}

/** Returns the SQL of a part; null for a bucket without a value. */
export function sqlOfPart(part: Part): string {
  const name = typeof part === 'string' ? part : part.column;
  if (!/^[a-z][a-z0-9_]*$/.test(name)) throw new TypeError(`${name} must be a plain identifier`);
  if (typeof part === 'string') return `coalesce(${name}::text, '')`;
  return part.of === 'day' ? `to_char(${name}, 'YYYY-MM-DD')` : `number_month(${name})`;
}

/** The function that puts a moment into a bucket of {@link month}. */
export const MONTH_FUNCTION = `CREATE OR REPLACE FUNCTION number_month(moment timestamp) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT to_char(
    CASE WHEN moment < date_trunc('month', moment + interval '14 hours') + interval '12 hours'
      THEN date_bin('15 minutes', moment, timestamp '0001-01-01')
      ELSE date_trunc('month', moment + interval '14 hours') + interval '12 hours' END,
    'YYYY-MM-DD"T"HH24:MI')
$$`;
