/**
 * The rows of alerts: states, changes, silences and messages. They are stored in PostgreSQL, because alerts must work
 * while Redis is down. Times are in ms since the epoch; each function sends 1 statement, unless it says otherwise.
 */
import type { SqlStore } from '../sql/index.ts';
import { type AlertStatus, newStatus } from './state.ts';

/** The row of an alert. */
export interface AlertRow extends AlertStatus {
  name: string;
  /** The minute of the last evaluation. */
  evaluatedAt: number;
}

const ms = (column: string) => `(extract(epoch FROM ${column}) * 1000)::float8`;
const moment = (at: number) => new Date(at).toISOString();
const optional = (at: number | null) => (at === null ? null : moment(at));

const ROW = `name, state, ${ms('since')} AS since, ${ms('clear_since')} AS "clearSince", value,
  ${ms('notified_at')} AS "notifiedAt", ${ms('evaluated_at')} AS "evaluatedAt"`;

/**
 * Locks the rows of alerts until the end of the transaction, and adds missing rows, whose state begins at `at`. 1 statement;
 * 3 if rows are missing.
 * Other evaluations wait at the lock, and then see the minute of this evaluation.
 */
export async function lockRows<Tx>(
  store: SqlStore<Tx>,
  names: readonly string[],
  at: number,
  tx: Tx,
): Promise<Map<string, AlertRow>> {
  const lock = () => store.query<AlertRow>(LOCK, [names], tx);
  let rows = await lock();
  if (rows.length < names.length) {
    await store.query(ADD, [names, newStatus(at).state, moment(at), moment(0)], tx);
    rows = await lock();
  }
  return new Map(rows.map((row) => [row.name, row]));
}

const LOCK = `SELECT ${ROW} FROM alert_states WHERE name = ANY($1::text[]) ORDER BY name FOR UPDATE`;
const ADD = `
  INSERT INTO alert_states (name, state, since, evaluated_at)
  SELECT name, $2, $3::timestamp, $4::timestamp FROM unnest($1::text[]) AS name ORDER BY name ON CONFLICT DO NOTHING`;

/** Reads the rows of alerts without a lock. */
export function readRows(store: SqlStore): Promise<AlertRow[]> {
  return store.query<AlertRow>(`SELECT ${ROW} FROM alert_states ORDER BY name`, []);
}

/** Stores rows. */
export async function writeRows<Tx>(store: SqlStore<Tx>, rows: readonly AlertRow[], tx: Tx): Promise<void> {
  const json = rows.map(({ since, clearSince, notifiedAt, evaluatedAt, ...row }) => ({
    ...row,
    since: moment(since),
    clear_since: optional(clearSince),
    notified_at: optional(notifiedAt),
    evaluated_at: moment(evaluatedAt),
  }));
  await store.query(WRITE, [JSON.stringify(json)], tx);
}

const WRITE = `
  UPDATE alert_states AS s SET state = r.state, since = r.since, clear_since = r.clear_since, value = r.value,
    notified_at = r.notified_at, evaluated_at = r.evaluated_at
  FROM jsonb_to_recordset($1::jsonb) AS r (name text, state text, since timestamp, clear_since timestamp,
    value float8, notified_at timestamp, evaluated_at timestamp)
  WHERE s.name = r.name`;

/** A change of an alert, for the history. */
export interface AlertChange {
  name: string;
  change: 'fired' | 'resolved';
  at: number;
  value: number | null;
}

/** Adds changes to the history. */
export async function addChanges<Tx>(store: SqlStore<Tx>, changes: readonly AlertChange[], tx: Tx): Promise<void> {
  const json = changes.map((change) => ({ ...change, at: moment(change.at) }));
  await store.query(ADD_CHANGES, [JSON.stringify(json)], tx);
}

const ADD_CHANGES = `
  INSERT INTO alert_changes (name, change, at, value)
  SELECT name, change, at, value FROM jsonb_to_recordset($1::jsonb)
    AS c (name text, change text, at timestamp, value float8)
  ON CONFLICT DO NOTHING`;

/** Reads at most `limit` changes, the newest first. */
export function readChanges(store: SqlStore, limit: number): Promise<AlertChange[]> {
  return store.query<AlertChange>(
    `SELECT name, change, ${ms('at')} AS at, value FROM alert_changes ORDER BY at DESC, name, change LIMIT $1::int`,
    [limit],
  );
}

/** Deletes changes and ended silences that are older than `before`. 2 statements. */
export async function forgetOld(store: SqlStore, before: number): Promise<void> {
  await store.query('DELETE FROM alert_changes WHERE at < $1::timestamp', [moment(before)]);
  await store.query('DELETE FROM alert_silences WHERE ends_at < $1::timestamp', [moment(before)]);
}

/** A time in which an alert sends no messages. */
export interface Silence {
  id: string;
  /** The name of an alert, or `*` for all. */
  name: string;
  endsAt: number;
  reason: string;
  /** The id of the caller. */
  by: string;
  startedAt: number;
}

const SILENCE = `id, name, ${ms('ends_at')} AS "endsAt", reason, started_by AS "by", ${ms('started_at')} AS "startedAt"`;

/** Sends statements: a store, or a transaction. */
type Statements = Pick<SqlStore, 'query'>;

/** Reads the silences that have not ended at `at`. */
export function readSilences<Tx>(store: SqlStore<Tx>, at: number, tx?: Tx): Promise<Silence[]> {
  const text = `SELECT ${SILENCE} FROM alert_silences WHERE ends_at > $1::timestamp ORDER BY ends_at, id`;
  return store.query<Silence>(text, [moment(at)], tx);
}

/** Adds a silence. */
export async function addSilence(statements: Statements, silence: Silence): Promise<void> {
  const { id, name, endsAt, reason, by, startedAt } = silence;
  await statements.query(ADD_SILENCE, [id, name, moment(endsAt), reason, by, moment(startedAt)]);
}

const ADD_SILENCE = `
  INSERT INTO alert_silences (id, name, ends_at, reason, started_by, started_at)
  VALUES ($1, $2, $3::timestamp, $4, $5, $6::timestamp)`;

/** Ends a silence now. Returns whether there was one. */
export async function endSilence(statements: Statements, id: string, at: number): Promise<boolean> {
  return (await statements.query(END_SILENCE, [id, moment(at)])).length > 0;
}

const END_SILENCE = `
  UPDATE alert_silences SET ends_at = $2::timestamp WHERE id = $1 AND ends_at > $2::timestamp RETURNING id`;
