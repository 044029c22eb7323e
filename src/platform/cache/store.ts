/**
 * The plain operations of a cache service, on a tenant's own keys and without queries: typed values under names of
 * your choice, counters, and a scan by pattern. Values have no tags and no leases: a read returns the value that was
 * set last.
 */
import { type Duration, milliseconds } from '../duration.ts';
import { decode, type Encoding, encode, key, type RedisKey } from '../redis/index.ts';
import { removeMatching, scanKeys } from './scan.ts';
import type { CacheServices } from './services.ts';

/**
 * Plain cached values of one tenant. Each operation costs one request and one command, unless its comment says
 * otherwise.
 */
export interface Store {
  /** Returns the value; `undefined` if there is no value. */
  get<Value>(name: string): Promise<Value | undefined>;
  mget<Value>(names: readonly string[]): Promise<(Value | undefined)[]>;
  /** Sets a value. Without a `ttl`, the value stays until a caller deletes the value or Redis evicts the value. */
  set(name: string, value: unknown, ttl?: Duration): Promise<void>;
  /** Sets several values. One request, one command for each value. */
  mset(values: Readonly<Record<string, unknown>>, ttl?: Duration): Promise<void>;
  /** Sets a value only if the name has no value yet. Returns whether the value was set. */
  setnx(name: string, value: unknown, ttl?: Duration): Promise<boolean>;
  /** Deletes a value. Returns whether there was a value. */
  delete(name: string): Promise<boolean>;
  /** Deletes several values. Returns the number of deleted values. */
  mdelete(names: readonly string[]): Promise<number>;
  exists(name: string): Promise<boolean>;
  /** Returns the remaining life of a value, in ms; `null` for a value without expiry, `undefined` without a value. */
  ttl(name: string): Promise<number | null | undefined>;
  /** Sets the time to live of a value. Returns whether there was a value. */
  expire(name: string, ttl: Duration): Promise<boolean>;
  /** Adds to a counter, which begins at 0, and returns the new value. {@link get} returns a counter as a number. */
  increment(name: string, by?: number): Promise<number>;
  decrement(name: string, by?: number): Promise<number>;
  /** Yields the names that match (`*` is any run of characters), batch by batch. A name may come twice. */
  scan(pattern: string): AsyncGenerator<string[]>;
  /** Deletes the matching values, in bounded batches. Returns the number of deleted values. */
  invalidatePattern(pattern: string): Promise<number>;
}

/** Creates the store of a tenant. */
export function createStore({ redis, statistics }: Pick<CacheServices, 'redis' | 'statistics'>, tenant: string): Store {
  const keyOf = (name: string): RedisKey => key(tenant, 'item', ...name.split(':'));
  const prefix = `${key(tenant, 'item')}:`;
  const millisecondsOf = (ttl: Duration) => Math.max(1, Math.round(milliseconds(ttl)));

  async function put(name: string, value: unknown, ttl: Duration | undefined): Promise<void> {
    if (ttl === undefined) await redis.set(keyOf(name), write(value));
    else await redis.set(keyOf(name), write(value), { px: millisecondsOf(ttl) });
  }

  /** Reads a stored text. An unreadable text is a miss and counts as an error. */
  function readOrMiss<Value>(stored: string | null): Value | undefined {
    try {
      return read<Value>(stored);
    } catch {
      statistics.count('-', 'errors');
      return undefined;
    }
  }

  return {
    get: async <Value>(name: string) => readOrMiss<Value>(await redis.get<string>(keyOf(name))),
    async mget<Value>(names: readonly string[]) {
      if (names.length === 0) return [];
      const stored = await redis.mget<(string | null)[]>(...names.map(keyOf));
      return stored.map((text) => readOrMiss<Value>(text));
    },
    set: put,
    async mset(values, ttl) {
      await Promise.all(Object.entries(values).map(([name, value]) => put(name, value, ttl)));
    },
    async setnx(name, value, ttl) {
      const only = ttl === undefined ? { nx: true as const } : { nx: true as const, px: millisecondsOf(ttl) };
      return (await redis.set(keyOf(name), write(value), only)) !== null;
    },
    delete: async (name) => (await redis.del(keyOf(name))) === 1,
    mdelete: async (names) => (names.length === 0 ? 0 : redis.del(...names.map(keyOf))),
    exists: async (name) => (await redis.exists(keyOf(name))) === 1,
    async ttl(name) {
      const left = await redis.pttl(keyOf(name));
      if (left === -2) return undefined;
      return left === -1 ? null : left;
    },
    expire: async (name, ttl) => (await redis.pexpire(keyOf(name), millisecondsOf(ttl))) === 1,
    increment: (name, by = 1) => redis.incrby(keyOf(name), by),
    decrement: (name, by = 1) => redis.decrby(keyOf(name), by),
    async *scan(pattern) {
      for await (const keys of scanKeys(redis, tenant, 'item', pattern)) {
        yield keys.map((key) => key.slice(prefix.length).split(':').map(decodeURIComponent).join(':'));
      }
    },
    invalidatePattern: (pattern) => removeMatching(redis, tenant, 'item', pattern),
  };
}

/** Encodes a value: an integer as digits, which Redis can increment; any other value as its encoding and its text. */
function write(value: unknown): string {
  if (typeof value === 'number' && Number.isSafeInteger(value) && !Object.is(value, -0)) return String(value);
  const { encoding, text } = encode(value);
  return `${encoding}${text}`;
}

function read<Value>(stored: string | null): Value | undefined {
  if (stored === null) return undefined;
  const value = /^-?\d+$/.test(stored)
    ? Number(stored)
    : decode({ encoding: stored.charAt(0) as Encoding, text: stored.slice(1) });
  return value as Value;
}
