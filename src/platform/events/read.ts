/**
 * Reads events. The events of one key have versions without a hole. The events of a whole stream have the order of
 * (transaction id, position), and a reader stays below the oldest running transaction: a sequence number is given before
 * COMMIT, so the number alone would let a reader pass an event that commits later. The method is that of emmett
 * (event-driven-io/emmett, pull request 336).
 */
import type { SqlValue } from '../sql/index.ts';
import { COLUMNS, present, type StoredEvent } from './stored.ts';
import type { EventDefinitions, EventOf, Position, Stream } from './stream.ts';

/** The tenant whose events are read, and its database: an open write, or a tenant and the store's `query`. */
export interface EventReader {
  readonly tenant: string;
  query<Row extends object>(text: string, values: readonly SqlValue[]): Promise<Row[]>;
}

/** The place before the first event. */
export const START: Position = { xid: '0', position: '0' };

/** The most events of one page. */
export const LARGEST_PAGE = 1_000;

/**
 * Reads the events of one key in the order of their versions. 1 SQL statement.
 * @param range default: all versions; at most 1,000 events.
 * @throws {EventError} `EVENT_UNREADABLE`
 */
export async function readEvents<Events extends EventDefinitions>(
  reader: EventReader,
  stream: Stream<Events>,
  key: string,
  range: VersionRange = {},
): Promise<EventOf<Events>[]> {
  return (await readStored(reader, stream.name, key, range)).map((row) => present(stream, row));
}

/** The versions to read: after the version `after`, up to the version `to`, at most `limit`. */
export interface VersionRange {
  after?: number;
  to?: number;
  limit?: number;
}

/** Reads events as {@link readEvents}, in the form in which they are stored. */
export function readStored(
  { tenant, query }: EventReader,
  stream: string,
  key: string,
  { after = 0, to = 2_147_483_647, limit = LARGEST_PAGE }: VersionRange,
): Promise<StoredEvent[]> {
  return query<StoredEvent>(READ, [tenant, stream, key, after, to, Math.min(limit, LARGEST_PAGE)]);
}

const READ = `
  SELECT ${COLUMNS} FROM events
  WHERE tenant_id = $1 AND stream = $2 AND key = $3 AND version > $4::int AND version <= $5::int
  ORDER BY version LIMIT $6::int`;

/** A page of a stream. */
export interface ReplayPage<Event> {
  events: Event[];
  /** The checkpoint of the next page. No new event will ever appear before it. */
  checkpoint: Position;
  /** Whether more events can be read now. */
  more: boolean;
}

/**
 * Reads the events of all keys of a stream after a checkpoint. Events of running transactions, and events written after
 * the oldest of them began, come in later pages: one long transaction holds every reader back. 1 SQL statement.
 * @param limit at most 1,000.
 * @throws {EventError} `EVENT_UNREADABLE`
 */
export async function replay<Events extends EventDefinitions>(
  reader: EventReader,
  stream: Stream<Events>,
  { after = START, limit = LARGEST_PAGE }: { after?: Position; limit?: number } = {},
): Promise<ReplayPage<EventOf<Events>>> {
  const page = await replayStored(reader, stream.name, { after, limit });
  return { ...page, events: page.events.map((row) => present(stream, row)) };
}

/** Reads a page as {@link replay}, in the form in which the events are stored. */
export async function replayStored(
  { tenant, query }: EventReader,
  stream: string,
  { after, limit }: { after: Position; limit: number },
): Promise<ReplayPage<StoredEvent>> {
  const most = Math.min(limit, LARGEST_PAGE);
  const events = await query<StoredEvent>(REPLAY, [tenant, stream, after.xid, after.position, most]);
  const last = events.at(-1);
  return {
    events,
    checkpoint: last ? { xid: last.xid, position: last.position } : after,
    more: events.length === most,
  };
}

const REPLAY = `
  SELECT ${COLUMNS} FROM events
  WHERE tenant_id = $1 AND stream = $2 AND (xid, position) > ($3::text::xid8, $4::text::bigint)
    AND xid < pg_snapshot_xmin(pg_current_snapshot())
  ORDER BY events.xid, events.position LIMIT $5::int`;
