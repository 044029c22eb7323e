/** The cache that `doctor --exercise` uses: a tenant of its own, so that all keys have their own prefix. */
import { type LoadContext, query, type Store } from '../../src/platform/cache/index.ts';
import { createHoldfast, type Holdfast } from '../../src/platform/holdfast.ts';
import { createNodeFetch } from '../../src/platform/keep-alive-fetch.ts';
import { createLog } from '../../src/platform/log.ts';
import { key, type RedisClient, type RedisMeter, tag } from '../../src/platform/redis/index.ts';
import { realSystem } from '../../src/platform/system.ts';

/** The address of a Redis. */
export interface RedisAddress {
  url: string;
  token: string;
}

/** The arguments of the query of the exercise. */
type Lookup = { readonly id: string };

type Instance = Holdfast<unknown, LoadContext>;

/** The services of the exercise. */
export interface ExerciseWorld {
  readonly redis: RedisClient;
  /** The plain values of the tenant. */
  readonly store: Store;
  /** The requests of {@link redis} and {@link store} so far. */
  readonly meter: Pick<RedisMeter, 'requests'>;
  /** The beginning of every key of the exercise. */
  readonly prefix: string;
  /**
   * Reads the query of the exercise in a scope of its own, as a request does. A load takes 50 ms.
   * @param instance an instance of {@link otherInstance}. Default: the first instance.
   * @returns the value, and the number of requests to Redis.
   */
  read(id: string, instance?: Instance): Promise<{ value: string; requests: number }>;
  /** Invalidates the value of {@link read}. */
  invalidate(id: string): Promise<void>;
  /** The number of loads so far. */
  loads(): number;
  /** Makes a further instance of the app, which shares no memory with the others. */
  otherInstance(): Instance;
  /** Returns all keys with the prefix. The scan goes through all keys of the database. */
  keys(): Promise<string[]>;
  /** Deletes all keys with the prefix. Returns the number of deleted keys. */
  cleanUp(): Promise<number>;
}

const LOAD_MS = 50;
const TIMEOUT_MS = 5_000;
const BATCH = 500;

/** Declares the query of the exercise. */
function lookupOf(onLoad: () => void) {
  return query('exercise', {
    ttl: '1m',
    tags: ({ id }: Lookup) => [tag('exercise', id)],
    async loadMany(wanted: readonly Lookup[]) {
      onLoad();
      await realSystem.sleep(LOAD_MS);
      return wanted.map(({ id }) => `the value of ${id}`);
    },
  });
}

/** Opens the world, without I/O. */
export function openExercise({ url, token }: RedisAddress): ExerciseWorld {
  const tenant = `exercise-${realSystem.token()}`;
  const prefix = key(tenant, 'item').replace(/[^:]*$/, '');
  const send = createNodeFetch();
  const log = createLog({ now: realSystem.now, write: () => undefined });
  const otherInstance = () => createHoldfast({ redis: { url, token, timeoutMs: TIMEOUT_MS, fetch: send }, log });
  const first = otherInstance();
  const scope = first.scope();
  const { redis } = scope;
  const { cache } = scope.tenant(tenant);
  let loads = 0;
  const lookup = lookupOf(() => {
    loads += 1;
  });

  async function keys(): Promise<string[]> {
    const found = new Set<string>();
    let cursor = '0';
    do {
      const [next, batch] = await redis.scan(cursor, { match: `${prefix}*`, count: BATCH });
      for (const each of batch) found.add(each);
      cursor = String(next);
    } while (cursor !== '0');
    return [...found];
  }

  return {
    redis,
    store: cache.store,
    meter: scope.redisMeter,
    prefix,
    async read(id, instance = first) {
      const own = instance.scope();
      try {
        const value = await own.tenant(tenant).cache.read(lookup, { id });
        return { value, requests: own.redisMeter.requests };
      } finally {
        // Work that continues after the answer may still write a key.
        await own.end();
      }
    },
    invalidate: (id) => cache.invalidate(...lookup.tagsOf({ id })),
    loads: () => loads,
    otherInstance,
    keys,
    async cleanUp() {
      const found = await keys();
      for (let from = 0; from < found.length; from += BATCH) await redis.unlink(...found.slice(from, from + BATCH));
      await scope.end();
      return found.length;
    },
  };
}
