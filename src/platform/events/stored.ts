/** Events as rows and as entries of Redis, and their conversion to the present declaration. */
import { EventError } from './errors.ts';
import type { EventDefinitions, EventOf, Position, Stream, StreamEvent } from './stream.ts';

/** An event as it is stored and distributed: its data may have an older version of the schema. */
export interface StoredEvent extends Position {
  id: string;
  key: string;
  version: number;
  type: string;
  schemaVersion: number;
  data: unknown;
  meta: Record<string, unknown>;
  at: number;
}

/** The columns of a {@link StoredEvent}, for SELECT and RETURNING. */
export const COLUMNS = `
  id, key, version, type, schema_version AS "schemaVersion", data, meta, xid::text AS xid, position::text AS position,
  (extract(epoch FROM at) * 1000)::float8 AS at`;

/**
 * Returns an event with data of the present schema version.
 * @throws {EventError} `EVENT_UNREADABLE` if the type is not declared, if its version is newer than the declaration,
 * if `upcast` throws, or if the data does not match the schema.
 */
export function present<Events extends EventDefinitions>(
  { name, events }: Stream<Events>,
  { schemaVersion, ...event }: StoredEvent,
): EventOf<Events> {
  const place = `event ${event.id} of stream ${name}`;
  const definition = Object.hasOwn(events, event.type) ? events[event.type] : undefined;
  if (!definition) throw new EventError('EVENT_UNREADABLE', `The ${place} has the unknown type ${event.type}`);
  const { version = 1, upcast, schema } = definition;
  if (schemaVersion > version) {
    throw new EventError('EVENT_UNREADABLE', `The ${place} has version ${schemaVersion} of its schema, a newer one`);
  }
  const parsed = converted(() => {
    const data = schemaVersion < version && upcast ? upcast(event.data, schemaVersion) : event.data;
    return schema.safeParse(data);
  }, place);
  if (!parsed.success) {
    const fields = new Set(parsed.error.issues.map(({ path }) => path.map(String).join('.') || 'data'));
    throw new EventError('EVENT_UNREADABLE', `The ${place} does not fit the schema at ${[...fields].join(', ')}`);
  }
  const made: StreamEvent = { ...event, data: parsed.data };
  return made as EventOf<Events>;
}

function converted<Result>(convert: () => Result, place: string): Result {
  try {
    return convert();
  } catch (cause) {
    throw new EventError('EVENT_UNREADABLE', `The data of ${place} cannot be converted to the present schema`, {
      cause,
    });
  }
}

/** Compares two places in the order of a stream: negative if `one` comes first. */
export function comparePositions(one: Position, two: Position): number {
  const difference = BigInt(one.xid) - BigInt(two.xid) || BigInt(one.position) - BigInt(two.position);
  return difference < 0n ? -1 : Number(difference > 0n);
}
