/** The rows of consumer groups and of their dead events. Each function sends 1 statement, unless it says otherwise. */
import type { Position } from '../events/index.ts';
import type { SqlStore } from '../sql/index.ts';

/** A consumer group of one tenant. */
export interface GroupName {
  tenant: string;
  stream: string;
  name: string;
}

/** How far a group has come. */
export interface GroupRow extends Position {
  /** The loss that the group catches up on, and the transaction id at which it has caught up. */
  loss: string | null;
  target: string | null;
  /** The attempts at the event that follows the position which failed or never ended. */
  failures: number;
  generation: number;
  declared: number;
  building: number | null;
  /**
   * The transaction id below which every event is committed and published. Events that wait in the outbox, or whose
   * publication will be repeated, are not below it.
   */
  horizon: string;
}

/** An event that a group has put aside. */
export interface DeadEvent {
  key: string;
  version: number;
  reason: string;
  replay: boolean;
}

/** Reads a group's row, and adds the row if it is missing. 1 or 3 statements. */
export async function openGroup(store: SqlStore, group: GroupName, declared: number): Promise<GroupRow> {
  const { tenant, stream, name } = group;
  const read = () => store.query<GroupRow>(READ, [tenant, stream, name]);
  const [row] = await read();
  if (row) return row;
  await store.query(ADD, [tenant, stream, name, declared]);
  const [added] = await read();
  if (!added) throw new Error(`Group ${name} of stream ${stream} was removed while it ran`);
  return added;
}

const READ = `
  SELECT g.xid::text AS xid, g.position::text AS position, g.loss, g.target::text AS target, g.failures, g.generation,
    g.declared, g.building,
    least(pg_snapshot_xmin(pg_current_snapshot()), (
      SELECT (o.payload->'event'->>'xid')::xid8 AS written FROM outbox o
      WHERE o.kind IN ('event', 'event-again') AND o.tenant_id = $1 AND o.payload->>'stream' = $2
      ORDER BY written LIMIT 1
    ))::text AS horizon
  FROM stream_groups g WHERE g.tenant_id = $1 AND g.stream = $2 AND g.name = $3`;
const ADD = `
  INSERT INTO stream_groups (tenant_id, stream, name, declared) VALUES ($1, $2, $3, $4::int) ON CONFLICT DO NOTHING`;

/** Records that every event up to a place is handled or dead. A group never goes back. */
export async function reach(store: SqlStore, { tenant, stream, name }: GroupName, at: Position): Promise<void> {
  await store.query(REACH, [tenant, stream, name, at.xid, at.position]);
}

const REACH = `
  UPDATE stream_groups SET xid = $4::text::xid8, position = $5::text::bigint, failures = 0
  WHERE tenant_id = $1 AND stream = $2 AND name = $3 AND (xid, position) < ($4::text::xid8, $5::text::bigint)`;

/**
 * Notes a loss, unless it is noted. The group has caught up when every transaction that has begun by now has ended and
 * its events are handled: later events are published after the group is in Redis again.
 * @returns the transaction id at which the group has caught up.
 */
export async function noteLoss(store: SqlStore, { tenant, stream, name }: GroupName, loss: string): Promise<string> {
  const [row] = await store.query<{ target: string }>(NOTE_LOSS, [tenant, stream, name, loss]);
  return row?.target ?? '0';
}

const NOTE_LOSS = `
  UPDATE stream_groups SET loss = $4, target = pg_snapshot_xmax(pg_current_snapshot())
  WHERE tenant_id = $1 AND stream = $2 AND name = $3
  RETURNING target::text AS target`;

/** Notes that a group has caught up. */
export async function forgetLoss(store: SqlStore, { tenant, stream, name }: GroupName, loss: string): Promise<void> {
  await store.query(FORGET_LOSS, [tenant, stream, name, loss]);
}

const FORGET_LOSS = `
  UPDATE stream_groups SET loss = NULL, target = NULL
  WHERE tenant_id = $1 AND stream = $2 AND name = $3 AND loss = $4`;

/** Notes how many attempts at the event after the position have not succeeded. */
export async function noteFailures(
  store: SqlStore,
  { tenant, stream, name }: GroupName,
  failures: number,
): Promise<void> {
  await store.query(NOTE_FAILURES, [tenant, stream, name, failures]);
}

const NOTE_FAILURES = `
  UPDATE stream_groups SET failures = $4::int WHERE tenant_id = $1 AND stream = $2 AND name = $3`;

/** Returns the id of the oldest running transaction. */
export async function oldestRunning(store: SqlStore): Promise<string> {
  const [row] = await store.query<{ xmin: string }>('SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS xmin', []);
  return row?.xmin ?? '0';
}

/** Reads the dead events of a group. */
export function readDead(store: SqlStore, { tenant, stream, name }: GroupName): Promise<DeadEvent[]> {
  return store.query<DeadEvent>(READ_DEAD, [tenant, stream, name]);
}

const READ_DEAD = `
  SELECT key, version, reason, replay FROM dead_events
  WHERE tenant_id = $1 AND stream = $2 AND name = $3 ORDER BY key, version`;

/** Puts events aside. An event that is there stays as it is, except that its replay is over. */
export async function addDead(
  store: SqlStore,
  { tenant, stream, name }: GroupName,
  dead: readonly Omit<DeadEvent, 'replay'>[],
  now: number,
): Promise<void> {
  await store.query(ADD_DEAD, [tenant, stream, name, JSON.stringify(dead), new Date(now).toISOString()]);
}

const ADD_DEAD = `
  INSERT INTO dead_events (tenant_id, stream, name, key, version, reason, died_at)
  SELECT $1, $2, $3, dead.key, dead.version, dead.reason, $5::timestamp
  FROM jsonb_to_recordset($4::jsonb) AS dead (key text, version int, reason text)
  ON CONFLICT (tenant_id, stream, name, key, version) DO UPDATE SET reason = excluded.reason, replay = false`;

/** Removes a dead event whose replay succeeded. */
export async function removeDead(
  store: SqlStore,
  { tenant, stream, name }: GroupName,
  { key, version }: Pick<DeadEvent, 'key' | 'version'>,
): Promise<void> {
  await store.query(REMOVE_DEAD, [tenant, stream, name, key, version]);
}

const REMOVE_DEAD = `
  DELETE FROM dead_events WHERE tenant_id = $1 AND stream = $2 AND name = $3 AND key = $4 AND version = $5::int`;
