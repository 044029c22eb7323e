/**
 * `stream()` declares events: their types, the schema of each type, and how data of an older schema becomes data of the
 * present one. A stream is a value created at module load, without I/O. Stored events are never changed; an event of an
 * older schema version is converted each time it is read.
 */
import type { z } from 'zod';
import { declare } from '../declared.ts';
import { type Duration, milliseconds } from '../duration.ts';
import { EventError } from './errors.ts';

/** The declaration of one type of event. */
export interface EventDefinition<Schema extends z.ZodType = z.ZodType> {
  /** The schema of the data. The data is checked when it is appended, and again when it is read. */
  schema: Schema;
  /** The version of the schema. Increase the version when the schema no longer accepts older data. Default 1. */
  version?: number;
  /** Converts data of an older version to data of this version. */
  upcast?(data: unknown, version: number): unknown;
}

/** The types of events of a stream, by name. */
export type EventDefinitions = Readonly<Record<string, EventDefinition>>;

/** The declaration of a {@link Stream}. */
export interface StreamDefinition<Events extends EventDefinitions> {
  events: Events;
  /**
   * Whether Redis distributes the events to consumer groups. Default true. With `false` an append costs only its SQL
   * statement, and the events can be read and replayed, but not consumed.
   */
  distribute?: boolean;
  /** The bounds of the copy in Redis. The table `events` keeps every event. */
  keep?: {
    /**
     * The approximate maximum number of entries for one tenant. A group that lags further behind resumes from SQL.
     * Default 10,000.
     */
    entries?: number;
    /**
     * Entries stay for groups that have not read them, but not for a group that has not run for this time. Such a group
     * resumes from SQL. Default 7 days.
     */
    age?: Duration;
  };
}

/** A declared stream. */
export interface Stream<Events extends EventDefinitions = EventDefinitions> {
  readonly name: string;
  readonly events: Events;
  readonly distribute: boolean;
  readonly keep: { readonly entries: number; readonly ageMs: number };
}

/** A place in the order of a stream: the transaction that wrote the event, and the position within all events. */
export interface Position {
  /** A transaction id of PostgreSQL (`xid8`), as decimal text. */
  readonly xid: string;
  /** Decimal text. */
  readonly position: string;
}

/** An event. `Type` and `Data` follow from the declaration of its stream. */
export interface StreamEvent<Type extends string = string, Data = unknown> extends Position {
  readonly id: string;
  /** The id of the row that the event is about. */
  readonly key: string;
  /** 1, 2, … without a hole in each key. */
  readonly version: number;
  readonly type: Type;
  /** The data, in the present version of the schema. */
  readonly data: Data;
  /** Facts about the write, such as `actorId`. */
  readonly meta: Readonly<Record<string, unknown>>;
  /** The time of the append, in ms since the epoch. */
  readonly at: number;
}

/** The events of a stream, as a union that `type` discriminates. */
export type EventOf<Events extends EventDefinitions> = {
  [Type in keyof Events & string]: StreamEvent<Type, z.output<Events[Type]['schema']>>;
}[keyof Events & string];

/** The events that can be appended to a stream, as a union that `type` discriminates. */
export type NewEventOf<Events extends EventDefinitions> = {
  [Type in keyof Events & string]: {
    type: Type;
    data: z.input<Events[Type]['schema']>;
    /** Further facts about the write; `actorId` is added. */
    meta?: Readonly<Record<string, unknown>>;
  };
}[keyof Events & string];

/**
 * Declares a stream of events.
 * @throws {EventError} `EVENT_DEFINITION` if the declaration is invalid.
 * @example
 * ```ts
 * export const invoices = stream('invoices', {
 *   events: {
 *     sent: { schema: z.object({ to: z.string() }) },
 *     paid: { schema: z.object({ amount: z.string() }), version: 2, upcast: (data) => withAmount(data) },
 *   },
 * });
 * ```
 */
export function stream<const Events extends EventDefinitions>(
  name: string,
  { events, distribute = true, keep = {} }: StreamDefinition<Events>,
): Stream<Events> {
  const made = {
    name,
    events,
    distribute,
    keep: { entries: keep.entries ?? 10_000, ageMs: milliseconds(keep.age ?? '7d') },
  };
  const problem = problemOf(made);
  if (problem) throw new EventError('EVENT_DEFINITION', `Stream ${name}: ${problem}`);
  declare({ kind: 'stream', name });
  return made;
}

function problemOf({ name, events, keep }: Stream): string | null {
  if (!/^[a-z][a-z0-9-]{0,31}$/.test(name)) return 'its name must be lower-case letters, digits and dashes';
  if (Object.keys(events).length === 0) return 'it needs a type of event';
  for (const [type, { version = 1, upcast }] of Object.entries(events)) {
    if (!Number.isInteger(version) || version < 1) return `the version of ${type} must be a whole number from 1`;
    if (version > 1 && !upcast) return `${type} has version ${version}, so it needs upcast`;
  }
  if (!Number.isInteger(keep.entries) || keep.entries < 100) return 'keep.entries must be a whole number from 100';
  return keep.ageMs > 0 ? null : 'keep.age must be longer than zero';
}
