/**
 * `query()` declares a cached read: how to load the value, how long the value is fresh, and the tags it depends on. A
 * query is declared at module load, without I/O; `cache.read(query, args)` returns the value.
 */
import { declare } from '../declared.ts';
import { type Duration, milliseconds } from '../duration.ts';
import { key, type RedisKey, type Tag, versionKey } from '../redis/index.ts';
import type { FilterSize, Guard } from './bloom.ts';
import type { Flush, LoadContext, QueryArgs, QueryDefinition } from './query-definition.ts';
import type { StandardSchema } from './standard-schema.ts';

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
