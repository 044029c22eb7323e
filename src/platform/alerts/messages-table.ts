/**
 * Messages that wait for their channel. An evaluation writes them in the transaction of the states, so no message is
 * lost or written twice; a sender takes each with a row lock. Each function sends 1 statement.
 */
import type { SqlStore } from '../sql/index.ts';

/** The line of a message about one alert. */
export interface MessageLine {
  name: string;
  kind: 'fired' | 'firing' | 'resolved' | 'test';
  severity: string;
  summary: string;
  /** The value and its limit, in words. */
  value: string;
  /** The time at which the alert fired or ended, in ms since the epoch. */
  since: number;
  runbook: string | null;
}

/** A message for one channel. */
export interface AlertMessage {
  id: string;
  channel: string;
  lines: readonly MessageLine[];
  /** The number of attempts so far, this one included. */
  attempts: number;
  /** In ms since the epoch. */
  createdAt: number;
}

const moment = (at: number) => new Date(at).toISOString();

/** Adds messages, which are due at once. */
export async function addMessages(
  statements: Pick<SqlStore, 'query'>,
  messages: readonly Pick<AlertMessage, 'id' | 'channel' | 'lines'>[],
  at: number,
): Promise<void> {
  await statements.query(ADD, [JSON.stringify(messages), moment(at)]);
}

const ADD = `
  INSERT INTO alert_messages (id, channel, lines, created_at, due_at)
  SELECT id, channel, lines, $2::timestamp, $2::timestamp
  FROM jsonb_to_recordset($1::jsonb) AS m (id text, channel text, lines jsonb)`;

/** Takes due messages, and keeps other senders away from them until `until`. */
export function takeMessages(
  store: SqlStore,
  { at, until, limit }: { at: number; until: number; limit: number },
): Promise<AlertMessage[]> {
  return store.query<AlertMessage>(TAKE, [moment(at), moment(until), limit]);
}

const TAKE = `
  UPDATE alert_messages SET due_at = $2::timestamp, attempts = attempts + 1
  WHERE id IN (
    SELECT id FROM alert_messages WHERE due_at <= $1::timestamp ORDER BY due_at, id LIMIT $3::int
    FOR UPDATE SKIP LOCKED
  )
  RETURNING id, channel, lines, attempts, (extract(epoch FROM created_at) * 1000)::float8 AS "createdAt"`;

/** Deletes a message that was sent, or that is dropped. */
export async function deleteMessage(store: SqlStore, id: string): Promise<void> {
  await store.query('DELETE FROM alert_messages WHERE id = $1', [id]);
}

/** Lets a message wait for another attempt. */
export async function postponeMessage(store: SqlStore, id: string, dueAt: number): Promise<void> {
  await store.query('UPDATE alert_messages SET due_at = $2::timestamp WHERE id = $1', [id, moment(dueAt)]);
}
