/** The declaration of a query: the argument of `query()`, with the types of its functions. */
import type { Duration } from '../duration.ts';
import type { Tag } from '../redis/index.ts';
import type { Guard } from './bloom.ts';
import type { StandardSchema } from './standard-schema.ts';

/** The arguments of a query. An `undefined` argument is the same as a missing argument. */
export type QueryArgs = Readonly<Record<string, string | number | boolean | null | undefined>>;

/**
 * The second parameter of a loader; the first parameter holds the query's arguments. Applications add services of their
 * own.
 */
export interface LoadContext {
  /** The tenant whose data is read. Loaders must not read data of other tenants. */
  readonly tenant: string;
}

/** The declaration of a query. Only `ttl` and one way to load are needed. */
export interface QueryDefinition<Args extends QueryArgs, Value, Context extends LoadContext> {
  /** How long a value is fresh. Each entry's life varies by ±10 %, so that entries expire at different times. */
  ttl: Duration;
  /** How long after `ttl` a value may be served while one caller refreshes it. Default 0. */
  stale?: Duration;
  /** How long after `ttl` a value may be served if loading fails. Default: as long as `stale`. */
  staleIfError?: Duration;
  /** How long a `null` is fresh. Default: as long as other values; at most 30 seconds with a `guard`. */
  negativeTtl?: Duration;
  /**
   * Answers look-ups of values that do not exist, without a load: {@link bloom}. Only for queries whose value may be
   * `null`. Default: none.
   */
  guard?: null extends Value ? Guard<Args> : never;
  /**
   * Returns the time at which a value becomes wrong by itself, in ms since the epoch: the next midnight for a number of
   * today. From then on the value is not served, not even as stale or if loading fails. `null`: at no time.
   */
  until?: (value: NonNullable<Value>, args: Args) => number | null;
  /**
   * Checks arguments from outside the program: operators call a query by its name, for example to inspect an entry.
   * Any Standard Schema.
   */
  args?: StandardSchema<Args>;
  /** The tags of the value; a change of any tag invalidates the value. The tags must follow from the arguments. */
  tags?: (args: Args) => readonly Tag[];
  /** Loads one value from its source. `null` is a value and is cached. */
  load?: (args: Args, context: Context) => Promise<Value>;
  /** Loads many values at once, in the order of the arguments, for `readMany` and `warm`. */
  loadMany?: (args: readonly Args[], context: Context) => Promise<readonly Value[]>;
  /**
   * How long an isolate may answer from its memory, without a Redis request. After a write of another isolate,
   * answers may be outdated for this time. Use seconds, not minutes; at most 1 minute. Default: no memory.
   */
  memory?: Duration;
  /**
   * The answer to a caller that has waited long enough for the load of another caller. `'refuse'`: a value that may
   * still be served if loading fails, else an error (503). `'load'`: the caller loads too, and stores nothing. Default
   * `'refuse'`.
   */
  onTimeout?: 'refuse' | 'load';
  /**
   * Refreshes often-read values before they expire (XFetch). `true` means 1; a larger number refreshes earlier.
   * Default: off.
   */
  refreshAhead?: boolean | number;
  /**
   * Compresses values whose text has at least this length (in UTF-16 code units), if compression saves a tenth.
   * Default: off.
   */
  compress?: number;
  /**
   * Encrypts values in Redis, so that a value can be decrypted only under its own key. Needs the setting `SEAL_KEYS`.
   * Sealed values are not kept in the isolate's memory. Default: off.
   */
  sealed?: boolean;
  /** Validates values from Redis; an invalid value is a miss. Any Standard Schema (zod, valibot, …). */
  schema?: StandardSchema<Value>;
  /** Applies the writes in the journal to the source. `cache.writeBehind` accepts only queries with a `flush`. */
  flush?: Flush<Args, Value, Context>;
}

/**
 * Applies writes of the journal, oldest first, in the transaction that also records the ids of the writes. So each
 * write is applied exactly once, provided that the function uses `tx` for every statement.
 */
export type Flush<Args extends QueryArgs, Value, Context extends LoadContext> = (
  writes: readonly WrittenBehind<Args, Value>[],
  tx: TransactionOf<Context>,
) => Promise<void>;

/** A write in the journal. */
export interface WrittenBehind<Args extends QueryArgs, Value> {
  tenant: string;
  args: Args;
  value: Value;
  /** The time at which Redis received the write, by the clock of Redis, in ms since the epoch. */
  at: number;
}

/** The client of a flush: a transaction on the database of the load context. */
export type TransactionOf<Context> = Context extends { db(): Promise<infer Client> }
  ? Omit<Client, '$connect' | '$disconnect' | '$on' | '$transaction' | '$extends' | '$use'>
  : unknown;
