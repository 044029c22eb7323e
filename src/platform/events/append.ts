/**
 * Appends events to the table `events`, in the transaction of the write that they follow from. The outbox publishes an
 * event after COMMIT; see `streams`. A second outbox entry publishes the event once more some seconds later, because a
 * failover of Redis may lose the last second of acknowledged commands; Redis drops the repetition if nothing was lost.
 */
import type { z } from 'zod';
import type { Transaction } from '../outbox/index.ts';
import { EventError } from './errors.ts';
import { COLUMNS, type StoredEvent } from './stored.ts';
import type { EventDefinitions, NewEventOf, Stream } from './stream.ts';

/** The kind of an event's outbox entry, and of the entry that repeats the publication. */
export const EVENT = 'event';
export const EVENT_AGAIN = 'event-again';

/** The delay of the repeated publication, in ms: longer than a failover takes to lose commands. */
const AGAIN_MS = 15_000;
/** The largest data and meta of an event as JSON, in bytes of UTF-8. */
const LARGEST_EVENT = 65_536;
/** The most attempts to find the next version while other writes append to the same key. */
const MOST_ATTEMPTS = 100;

/** The payload of an event's outbox entries. */
export interface EventPayload {
  stream: string;
  event: StoredEvent;
}

/** The part of an open write that appends events. */
export type EventWrite = Pick<Transaction, 'tenant' | 'actorId' | 'system' | 'query' | 'addToOutbox'>;

/** Settings of an append. */
export interface AppendOptions {
  /** The version of the key's last event, 0 for a key without events, which is cheapest. Default: any version. */
  expect?: number;
}

/** An appended event. */
export interface Appended {
  id: string;
  version: number;
}

/**
 * Appends an event to a key, in an open write. The event gets the next version of the key. Without `expect`, an append
 * waits for other writes to the same key, and no append is lost. Costs 1 SQL statement, and two rows in
 * the outbox unless the stream is not distributed.
 * @throws {EventError} `EVENT_INVALID`, or `EVENT_CONFLICT` if the key does not have the expected version; the API
 * answers 409. In both cases the write must not be committed.
 * @example
 * ```ts
 * await commit(async (tx) => {
 *   await tx.db.invoice.update({ where, data: { paidAt } });
 *   await append(tx, invoices, id, { type: 'paid', data: { amount } });
 * });
 * ```
 */
export async function append<Events extends EventDefinitions>(
  tx: EventWrite,
  stream: Stream<Events>,
  key: string,
  event: NewEventOf<Events>,
  { expect }: AppendOptions = {},
): Promise<Appended> {
  const now = tx.system.now();
  const row = { key, ...rowOf(tx, stream, event) };
  for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt += 1) {
    const [written] = await insert(tx, stream, [row], now, expect);
    if (written) {
      publish(tx, stream, written, now);
      return { id: written.id, version: written.version };
    }
    // Another write appended this version first. Without an expectation, the next statement sees its row.
    if (expect !== undefined) break;
  }
  throw new EventError('EVENT_CONFLICT', `Another write to stream ${stream.name} came first`);
}

/**
 * Appends events to their keys, in an open write, as {@link append} does. Costs 1 SQL statement for any number of events; 1
 * more each time another write appends to one of the keys first, or if a key has several of the events. 0 without events.
 * @throws {EventError} `EVENT_INVALID`, or `EVENT_CONFLICT` after 100 attempts. In both cases the write must not be
 * committed.
 */
export async function appendAll<Events extends EventDefinitions>(
  tx: EventWrite,
  stream: Stream<Events>,
  events: readonly (NewEventOf<Events> & { key: string })[],
): Promise<void> {
  const now = tx.system.now();
  let waiting = events.map((event) => ({ key: event.key, ...rowOf(tx, stream, event) }));
  for (let attempt = 1; waiting.length > 0; attempt += 1) {
    if (attempt > MOST_ATTEMPTS)
      throw new EventError('EVENT_CONFLICT', `Other writes to stream ${stream.name} came first`);
    const written = await insert(tx, stream, waiting, now);
    for (const event of written) publish(tx, stream, event, now);
    const ids = new Set(written.map(({ id }) => id));
    waiting = waiting.filter(({ id }) => !ids.has(id));
  }
}

/** Returns the row of an event, without its key and its version. `version` is the version of the schema. */
function rowOf<Events extends EventDefinitions>(
  { actorId, system }: EventWrite,
  stream: Stream<Events>,
  event: NewEventOf<Events>,
) {
  const { type, data: given, meta: more = {} } = event as { type: string; data: unknown; meta?: object };
  const definition = Object.hasOwn(stream.events, type) ? stream.events[type] : undefined;
  if (!definition) throw new EventError('EVENT_INVALID', `Stream ${stream.name} has no events of type ${type}`);
  const data = checked(stream.name, type, definition.schema, given);
  const meta = { ...(actorId === null ? {} : { actorId }), ...more };
  if (Buffer.byteLength(JSON.stringify(data) + JSON.stringify(meta)) > LARGEST_EVENT) {
    throw new EventError('EVENT_INVALID', `An event may have at most ${LARGEST_EVENT} bytes; store the data in a row`);
  }
  return { id: system.rowId('event'), type, version: definition.version ?? 1, data, meta };
}

/** Adds the publications of an event to the outbox, if the stream is distributed. */
function publish(tx: EventWrite, { name, distribute }: Stream, event: StoredEvent, now: number): void {
  if (!distribute) return;
  const payload: EventPayload = { stream: name, event };
  tx.addToOutbox(EVENT, payload);
  tx.addToOutbox(EVENT_AGAIN, payload, now + AGAIN_MS);
}

/** The row of an event, without its version. */
type NewRow = ReturnType<typeof rowOf> & { key: string };

/** Inserts the rows whose key has the expected version and whose next version no other write has taken, and returns them. */
function insert(
  { tenant, query }: EventWrite,
  { name }: Stream,
  rows: readonly NewRow[],
  now: number,
  expect: number | null = null,
): Promise<StoredEvent[]> {
  const at = new Date(now).toISOString();
  const [first] = rows;
  if (expect === 0 && first) {
    const { key, id, type, version, data, meta } = first;
    const values = [tenant, name, key, id, type, version, JSON.stringify(data), JSON.stringify(meta), at];
    return query<StoredEvent>(INSERT_FIRST, values);
  }
  const given = rows.map((row) => ({ ...row, tenant, stream: name }));
  return query<StoredEvent>(INSERT, [JSON.stringify(given), at, expect]);
}

/** Inserts the first event of a key, with version 1, without a search for an earlier one. */
const INSERT_FIRST = `
  INSERT INTO events (tenant_id, stream, key, version, id, type, schema_version, data, meta, at)
  VALUES ($1, $2, $3, 1, $4, $5, $6::int, $7::text::jsonb, $8::text::jsonb, $9::text::timestamp)
  ON CONFLICT DO NOTHING
  RETURNING ${COLUMNS}`;

/**
 * `ON CONFLICT` waits until a concurrent transaction with the same version has ended. The default value of `xid` is the
 * id of this transaction.
 *
 * The comparison of rows and the order make PostgreSQL find the last version of a key by the primary key alone. It
 * reads one row, the last row up to the key: either the row is of this key, or the key has no events. With `=`, and
 * without statistics of the tenant, PostgreSQL takes the index of (xid, position) and reads the whole stream for each
 * key. A lower bound would not stop this read, because PostgreSQL stops at a bound of rows only by the first column.
 * `OFFSET 0` makes PostgreSQL look the version up only once.
 */
const INSERT = `
  INSERT INTO events (tenant_id, stream, key, version, id, type, schema_version, data, meta, at)
  SELECT new.tenant, new.stream, new.key, new.last + 1, new.id, new.type, new.version, new.data, new.meta,
    $2::text::timestamp
  FROM (
    SELECT given.*, coalesce((
      SELECT CASE WHEN (e.tenant_id, e.stream, e.key) = (given.tenant, given.stream, given.key) THEN e.version END
      FROM events e
      WHERE (e.tenant_id, e.stream, e.key) <= (given.tenant, given.stream, given.key)
      ORDER BY e.tenant_id DESC, e.stream DESC, e.key DESC, e.version DESC LIMIT 1
    ), 0) AS last
    FROM jsonb_to_recordset($1::text::jsonb)
      AS given (tenant text, stream text, key text, id text, type text, version int, data jsonb, meta jsonb)
    OFFSET 0
  ) AS new
  WHERE $3::int IS NULL OR new.last = $3::int
  ON CONFLICT DO NOTHING
  RETURNING ${COLUMNS}`;

/** Returns the data in the form that is stored: the schema's output may have other types than JSON. */
function checked(stream: string, type: string, schema: z.ZodType, data: unknown): unknown {
  const parsed = schema.safeParse(data);
  if (parsed.success) return data;
  const fields = new Set(parsed.error.issues.map(({ path }) => path.map(String).join('.') || 'data'));
  throw new EventError(
    'EVENT_INVALID',
    `${type} of stream ${stream} does not fit its schema at ${[...fields].join(', ')}`,
  );
}
