/**
 * The SQL that keeps numbers exact: three statement triggers for each table. A trigger appends the changes of its
 * statement as one row, so two writers never wait for each other, and a rollback takes the changes back with the rows.
 * About every 200th row, chosen by its id, folds the waiting changes of its tenant into the numbers.
 *
 * A migration has this SQL, which a test compares with the declarations.
 */
import { MONTH_FUNCTION } from './buckets.ts';
import type { NumberSource } from './source.ts';

/** A row with an id that this number divides folds. It is a prime, so no pattern of writers avoids it for long. */
const FOLD_EVERY = 199;
/** The most changes that one fold takes. */
export const FOLD_AT_MOST = 5_000;

/** The lock of a tenant's numbers: folds try it, and a recount waits for it. */
export const lockOf = (tenant: string) => `hashtextextended('numbers:' || ${tenant}, 0)`;

/**
 * Folds the oldest changes of a tenant into its numbers, and returns how many. It returns 0 while another transaction
 * folds or recounts. Above READ COMMITTED two folds could not follow each other, so there it does nothing.
 */
const FOLD_FUNCTION = `CREATE OR REPLACE FUNCTION numbers_fold(of_tenant text) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  folded int;
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed'
    OR NOT pg_try_advisory_xact_lock(${lockOf('of_tenant')}) THEN
    RETURN 0;
  END IF;
  WITH taken AS (
    DELETE FROM number_changes AS waiting WHERE waiting.tenant_id = of_tenant AND waiting.id IN (
      SELECT oldest.id FROM number_changes AS oldest WHERE oldest.tenant_id = of_tenant
      ORDER BY oldest.id LIMIT ${FOLD_AT_MOST}
    ) RETURNING waiting.keys, waiting.counts, waiting.sums
  ), added AS (
    INSERT INTO numbers AS kept (tenant_id, key, count, sum)
    SELECT of_tenant, change.key, sum(change.count), sum(change.sum)
    FROM taken CROSS JOIN LATERAL unnest(taken.keys, taken.counts, taken.sums) AS change (key, count, sum)
    GROUP BY change.key ORDER BY change.key
    ON CONFLICT (tenant_id, key) DO UPDATE SET count = kept.count + excluded.count, sum = kept.sum + excluded.sum
  )
  SELECT count(*) FROM taken INTO folded;
  RETURN folded;
END
$$`;

/** After TRUNCATE of a table, its numbers are gone. The lock waits for folds, which could bring them back. */
const TRUNCATE_FUNCTION = `CREATE OR REPLACE FUNCTION numbers_after_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  LOCK TABLE numbers IN SHARE ROW EXCLUSIVE MODE;
  DELETE FROM numbers WHERE key >= TG_TABLE_NAME || '.' AND key < TG_TABLE_NAME || '/';
  DELETE FROM number_changes WHERE keys[1] >= TG_TABLE_NAME || '.' AND keys[1] < TG_TABLE_NAME || '/';
  RETURN NULL;
END
$$`;

/** A new tenant has no rows, so its numbers are complete from the beginning. */
const TENANT_FUNCTION = `CREATE OR REPLACE FUNCTION numbers_of_new_tenants() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO number_states (tenant_id, source, version)
  SELECT added.id, number_sources.source, number_sources.version FROM added CROSS JOIN number_sources
  ON CONFLICT (tenant_id, source) DO NOTHING;
  RETURN NULL;
END
$$`;

/** The functions that the triggers of all tables share, by name. */
export const sharedFunctions: Readonly<Record<string, string>> = {
  number_month: MONTH_FUNCTION,
  numbers_fold: FOLD_FUNCTION,
  numbers_after_truncate: TRUNCATE_FUNCTION,
  numbers_of_new_tenants: TENANT_FUNCTION,
};

/** Returns the query for the keys and amounts of rows: the one text that the triggers and the recount share. */
export function keysOf({ values }: NumberSource, rows: string, columns: string): string {
  return `SELECT ${columns} FROM ${rows} AS source_row CROSS JOIN LATERAL (VALUES
${values.replace(/^/gm, '        ')}
      ) AS counted (key, amount) WHERE counted.key IS NOT NULL`;
}

/** Returns the name of a table's trigger function. */
export const functionOf = ({ table }: NumberSource) => `numbers_of_${table}`;

/** Returns the trigger function of a table. */
export function triggerFunction(source: NumberSource): string {
  const signed = (rows: string, sign: 1 | -1) =>
    keysOf(source, rows, `source_row.tenant_id, counted.key, ${sign} AS sign, counted.amount`);
  const append = (rows: string) => `
    FOR change IN
      INSERT INTO number_changes (tenant_id, keys, counts, sums)
      SELECT tenant_id, array_agg(key), array_agg(count), array_agg(sum)
      FROM (
        SELECT tenant_id, key, sum(sign)::int AS count, sum(sign * amount) AS sum FROM (
      ${rows}
        ) AS signed GROUP BY tenant_id, key HAVING sum(sign) <> 0 OR sum(sign * amount) <> 0
      ) AS changed GROUP BY tenant_id
      RETURNING tenant_id, id
    LOOP
      IF change.id % ${FOLD_EVERY} = 0 THEN PERFORM numbers_fold(change.tenant_id); END IF;
    END LOOP;`;
  return `CREATE OR REPLACE FUNCTION ${functionOf(source)}() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  change record;
BEGIN
  IF TG_OP = 'INSERT' THEN${append(signed('added', 1))}
  ELSIF TG_OP = 'DELETE' THEN${append(signed('removed', -1))}
  ELSE${append(`${signed('added', 1)}\n      UNION ALL ${signed('removed', -1)}`)}
  END IF;
  RETURN NULL;
END
$$`;
}

/** The events of a table's triggers, with the transition tables of each. */
export const EVENTS = {
  insert: 'INSERT ON %s REFERENCING NEW TABLE AS added',
  update: 'UPDATE ON %s REFERENCING NEW TABLE AS added OLD TABLE AS removed',
  delete: 'DELETE ON %s REFERENCING OLD TABLE AS removed',
} as const;

/**
 * Returns the SQL for the numbers of a table, for a migration. It may run again. The version is written first: a
 * recount holds its row, so the triggers do not change during a recount.
 */
export function sqlOfSource(source: NumberSource): string {
  const { table, version } = source;
  const triggers = Object.entries(EVENTS).map(
    ([event, on]) => `CREATE OR REPLACE TRIGGER ${functionOf(source)}_${event}
  AFTER ${on.replace('%s', table)}
  FOR EACH STATEMENT EXECUTE FUNCTION ${functionOf(source)}();`,
  );
  return [
    `INSERT INTO number_sources (source, version) VALUES ('${table}', '${version}')
  ON CONFLICT (source) DO UPDATE SET version = excluded.version;`,
    `${triggerFunction(source)};`,
    ...triggers,
    `CREATE OR REPLACE TRIGGER ${functionOf(source)}_truncate AFTER TRUNCATE ON ${table}
  FOR EACH STATEMENT EXECUTE FUNCTION numbers_after_truncate();`,
  ].join('\n');
}

/** Returns the SQL of the shared functions, and of the trigger of the table of tenants, for a migration. */
export function sqlOfShared(tenants: string): string {
  return [
    ...Object.values(sharedFunctions).map((text) => `${text};`),
    `CREATE OR REPLACE TRIGGER numbers_of_new_tenants AFTER INSERT ON ${tenants} REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION numbers_of_new_tenants();`,
  ].join('\n');
}
