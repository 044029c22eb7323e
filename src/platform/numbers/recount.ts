/**
 * The recount: one statement compares the rows of a table with its numbers, and adds what differs to the numbers. From
 * no numbers at all that is the backfill; every night it is a check; and it mends whatever it finds. One statement is
 * one snapshot, so the writers and their triggers go on meanwhile.
 */
import type { SqlStore } from '../sql/index.ts';
import { allKeysOf, type NumberSource } from './source.ts';
import { keysOf, lockOf } from './triggers.ts';

/** A number that was wrong, and the correction that was added. */
export interface Mended {
  key: string;
  count: number;
  sum: string;
}

/** The result of a recount. */
export interface Recount {
  /** Whether the numbers were complete before: if not, this was the backfill, and differences are no fault. */
  wasComplete: boolean;
  /** The numbers that differed, in the order of their keys. They are right now. */
  mended: readonly Mended[];
}

/** The time limit of a recount, in ms. The table is read once. */
const TIME_LIMIT_MS = 10 * 60_000;

/**
 * Recounts the numbers of a tenant and table, mends them, and marks them as complete. 5 statements in a transaction that
 * holds the lock of the tenant's numbers; writers do not wait for it.
 * @param now ms since the epoch.
 * @returns `null` if the triggers of the database are not those of this release: nothing is counted.
 */
export async function recount<Tx>(
  store: SqlStore<Tx>,
  tenant: string,
  source: NumberSource,
  now: number,
): Promise<Recount | null> {
  const { table, version } = source;
  const { from, to } = allKeysOf(source);
  return store.transaction(
    async (tx) => {
      // The lock has a statement of its own, because the snapshot of the recount must be younger than the lock. Two
      // recounts at once would both add the difference.
      await store.query(`SELECT pg_advisory_xact_lock(${lockOf('$1')})::text AS locked`, [tenant], tx);
      const [state] = await store.query<{ complete: boolean }>(STATE, [tenant, table, version], tx);
      if (!state) return null;
      const mended = await store.query<Mended>(recountSql(source), [tenant, from, to], tx);
      await store.query(FORGET_ZEROS, [tenant, from, to], tx);
      const wrong = state.complete ? mended.length : 0;
      await store.query(MARK, [tenant, table, version, new Date(now).toISOString(), wrong], tx);
      return { wasComplete: state.complete, mended };
    },
    { timeoutMs: TIME_LIMIT_MS },
  );
}

/** Locks the version against a migration that changes the triggers. */
const STATE = `
  SELECT EXISTS (
    SELECT 1 FROM number_states AS state
    WHERE state.tenant_id = $1 AND state.source = known.source AND state.version = known.version) AS complete
  FROM number_sources AS known WHERE known.source = $2 AND known.version = $3 FOR SHARE OF known`;

const recountSql = (source: NumberSource) => `
  WITH truth AS (
    SELECT key, count(*) AS count, sum(amount) AS sum FROM (
      ${keysOf(source, source.table, 'counted.key, counted.amount')} AND source_row.tenant_id = $1
    ) AS rows GROUP BY key
  ), kept AS (
    SELECT key, sum(count) AS count, sum(sum) AS sum FROM (
      SELECT key, count, sum FROM numbers WHERE tenant_id = $1 AND key >= $2 AND key < $3
      UNION ALL
      SELECT change.key, change.count, change.sum
      FROM number_changes CROSS JOIN LATERAL unnest(keys, counts, sums) AS change (key, count, sum)
      WHERE tenant_id = $1 AND change.key >= $2 AND change.key < $3
    ) AS parts GROUP BY key
  ), wrong AS (
    SELECT key, coalesce(truth.count, 0) - coalesce(kept.count, 0) AS count,
      coalesce(truth.sum, 0) - coalesce(kept.sum, 0) AS sum
    FROM truth FULL JOIN kept USING (key)
    WHERE coalesce(truth.count, 0) <> coalesce(kept.count, 0) OR coalesce(truth.sum, 0) <> coalesce(kept.sum, 0)
  ), mended AS (
    INSERT INTO numbers AS number (tenant_id, key, count, sum)
    SELECT $1, key, count, sum FROM wrong ORDER BY key COLLATE "C"
    ON CONFLICT (tenant_id, key) DO UPDATE SET count = number.count + excluded.count, sum = number.sum + excluded.sum
  )
  SELECT key, count::float8 AS count, sum::text AS sum FROM wrong ORDER BY key COLLATE "C"`;

const FORGET_ZEROS = `
  DELETE FROM numbers WHERE tenant_id = $1 AND key >= $2 AND key < $3 AND count = 0 AND sum = 0`;

const MARK = `
  INSERT INTO number_states AS state (tenant_id, source, version, checked_at, wrong_at, wrong_keys)
  SELECT $1, $2, $3, $4::timestamp, CASE WHEN $5::int > 0 THEN $4::timestamp END, $5::int
  ON CONFLICT (tenant_id, source) DO UPDATE SET version = excluded.version, checked_at = excluded.checked_at,
    wrong_at = coalesce(excluded.wrong_at, state.wrong_at),
    wrong_keys = CASE WHEN excluded.wrong_at IS NULL THEN state.wrong_keys ELSE excluded.wrong_keys END`;
