/**
 * `query()` declares a cached read: how to load the value, how long the value is fresh, and the tags it depends on. A
 * query is declared at module load, without I/O; `cache.read(query, args)` returns the value.
 */
import { declare } from '../declared.ts';
import { type Duration, milliseconds } from '../duration.ts';
import { key, type RedisKey, type Tag, versionKey } from '../redis/index.ts';
import type { FilterSize, Guard } from './bloom.ts';
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

/** The declaration of a {@link Query}. Only `ttl` and one way to load are needed. */
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
   * Answers look-ups of what does not exist without a load: {@link bloom}. Only for queries whose value may be `null`.
   * Default: none.
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

/** The cache settings of a query. All times in ms. */
export interface QueryOptions<Value> {
  readonly name: string;
  readonly ttlMs: number;
  readonly staleMs: number;
  readonly staleIfErrorMs: number;
  readonly negativeTtlMs: number;
  readonly memoryMs: number;
  readonly onTimeout: 'refuse' | 'load';
  /** The size of the filter of the guard; `null` without a guard. */
  readonly guard: FilterSize | null;
  /** The factor `beta` of XFetch; 0 if the query does not refresh ahead. */
  readonly refreshAhead: number;
  readonly compressFrom: number | null;
  readonly sealed: boolean;
  readonly schema: StandardSchema<Value> | null;
  /** Returns the time at which a value becomes wrong by itself; `null` for no such time. */
  untilOf(value: Value, args: QueryArgs): number | null;
  /** True if values may be pending: written behind, and not yet in the source. */
  readonly writtenBehind: boolean;
}

/** A declared query. */
export interface Query<Args extends QueryArgs, Value, Context extends LoadContext> extends QueryOptions<Value> {
  readonly flush: Flush<Args, Value, Context> | null;
  readonly guard: Guard<Args> | null;
  /** Checks arguments that come from outside; `null` if the query cannot be called by its name. */
  readonly args: StandardSchema<Args> | null;
  /** Loads the values of several arguments, in their order. */
  load(args: readonly Args[], context: Context): Promise<readonly Value[]>;
  /** Returns the tags of the value for these arguments. */
  tagsOf(args: Args): readonly Tag[];
  /** Returns every key of a tenant's entry for these arguments. */
  keysOf(tenant: string, args: Args): EntryKeys;
}

/** The Redis keys of one entry. */
export interface EntryKeys {
  entry: RedisKey;
  /** The caller that holds this lease loads the entry. */
  lease: RedisKey;
  /** Holds a value that was written behind and is not flushed yet. */
  pending: RedisKey;
  /** Exists while a conditional write has seen the value, and nothing has been written behind since. */
  seen: RedisKey;
  /** Versions of the tags, without repeats. */
  versions: readonly RedisKey[];
}

/** Times to live that fit most queries, by name. */
export const TTL = {
  SHORT: '1m',
  MEDIUM: '5m',
  STANDARD: '15m',
  LONG: '1h',
  DAY: '1d',
  WEEK: '7d',
} as const satisfies Record<string, Duration>;

/** The longest life of an entry, fresh and stale together. Versions must live longer than entries. */
const LONGEST_LIFE_MS = 27 * 86_400_000;
const LONGEST_MEMORY_MS = 60_000;
/** The longest life of a `null` of a guarded query: strangers must not fill Redis. */
const LONGEST_GUARDED_MS = 30_000;

/**
 * Declares a query.
 * @throws {TypeError} if the declaration does not make sense.
 * @example
 * ```ts
 * export const dealById = query('deal', {
 *   ttl: '15m',
 *   tags: ({ id }: { id: string }) => [tag('deal', id)],
 *   load: async ({ id }, { tenant, db }) => findDeal(await db(), tenant, id),
 * });
 * ```
 */
export function query<Args extends QueryArgs, Value, Context extends LoadContext>(
  name: string,
  definition: QueryDefinition<Args, Value, Context>,
): Query<Args, Value, Context> {
  const { tags, load, loadMany } = definition;
  const ttlMs = milliseconds(definition.ttl);
  const staleMs = milliseconds(definition.stale ?? 0);
  const staleIfErrorMs = Math.max(staleMs, milliseconds(definition.staleIfError ?? 0));
  const memoryMs = milliseconds(definition.memory ?? 0);
  const guard = definition.guard ?? null;
  const shortest = guard ? Math.min(ttlMs, LONGEST_GUARDED_MS) : ttlMs;
  const negativeTtlMs = definition.negativeTtl === undefined ? shortest : milliseconds(definition.negativeTtl);
  const refuse = (problem: string): never => {
    throw new TypeError(`Query ${name}: ${problem}`);
  };
  if (ttlMs === 0) refuse('ttl must be more than 0');
  if (ttlMs + staleIfErrorMs > LONGEST_LIFE_MS) refuse('ttl and stale together may not exceed 27 days');
  if (memoryMs > LONGEST_MEMORY_MS) refuse('memory may not exceed 1 minute');
  if (memoryMs > 0 && definition.sealed) refuse('sealed values are not kept in memory');
  if (guard && negativeTtlMs > LONGEST_GUARDED_MS) refuse('negativeTtl of a guarded query may not exceed 30 seconds');
  if (!load && !loadMany) refuse('it needs load or loadMany');
  // Without tags, an entry from before a write would be served again as soon as the written value is no longer pending.
  if (definition.flush && !tags) refuse('what is written behind needs tags, by which a flush ends older entries');
  declare({ kind: 'query', name });
  return {
    name,
    ttlMs,
    staleMs,
    staleIfErrorMs,
    negativeTtlMs,
    guard,
    memoryMs,
    onTimeout: definition.onTimeout ?? 'refuse',
    refreshAhead: Number(definition.refreshAhead ?? 0),
    compressFrom: definition.compress ?? null,
    sealed: definition.sealed ?? false,
    schema: definition.schema ?? null,
    flush: definition.flush ?? null,
    args: definition.args ?? null,
    writtenBehind: definition.flush !== undefined,
    untilOf: (value, args) =>
      value === null || value === undefined ? null : (definition.until?.(value, args as Args) ?? null),
    load: async (args, context) => {
      const [only] = args;
      if (load && ((only !== undefined && args.length === 1) || !loadMany)) {
        return Promise.all(args.map((one) => load(one, context)));
      }
      const values = await loadMany?.(args, context);
      return values?.length === args.length ? values : refuse('loadMany must return one value for each arguments');
    },
    tagsOf: (args) => tags?.(args) ?? [],
    keysOf(tenant, args) {
      const parts = argumentParts(args);
      return {
        entry: key(tenant, 'entry', name, ...parts),
        lease: key(tenant, 'lease', name, ...parts),
        pending: key(tenant, 'pending', name, ...parts),
        seen: key(tenant, 'seen', name, ...parts),
        versions: tags ? [...new Set(tags(args).map((each) => versionKey(tenant, each)))] : [],
      };
    },
  };
}

/**
 * Returns two key parts for each argument, its name and its value, sorted by name. A string value stays unchanged, and
 * any other value becomes `=` and its JSON: `'1'` becomes `1`, and `1` becomes `=1`. A string that begins with `=` gets
 * one more `=`. So different values never have the same key.
 */
function argumentParts(args: QueryArgs): string[] {
  return Object.keys(args)
    .filter((name) => args[name] !== undefined)
    .sort()
    .flatMap((name) => {
      const value = args[name];
      if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError(`Argument ${name} is not a number`);
      if (typeof value === 'string') return [name, value.startsWith('=') ? `=${value}` : value];
      return [name, `=${JSON.stringify(value)}`];
    });
}
