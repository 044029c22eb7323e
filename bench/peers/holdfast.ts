/**
 * Holdfast in the form that the platform builds: an instance has counters and a bounded memory, and each request gets
 * a scope with its own transport and cache. Queries are declared once; the context contains the loaders of a
 * scenario.
 */
import {
  createCache,
  createCacheStatistics,
  createMemory,
  type LoadContext,
  type Query,
  query,
} from '../../src/platform/cache/index.ts';
import { createBreaker, createRedisMeter, createTransport, RedisClient, tag } from '../../src/platform/redis/index.ts';
import { realSystem } from '../../src/platform/system.ts';
import type { Caller, Contestant, Load, LoadMany, Settings } from '../contestant.ts';

/** The context of one scope, with loaders by key, because reads of one scope may overlap. */
interface BenchContext extends LoadContext {
  loads: Map<string, Load>;
  loadMany: LoadMany | null;
}

/** The arguments of the query. A query's tags must follow from its arguments, so the tags are an argument. */
type BenchArgs = { key: string; tags?: string };

/** The time limit of Redis requests, in ms, long enough for a busy machine; not used for faults. */
const PATIENT_MS = 5_000;

function declareQuery(
  { ttlSeconds, staleSeconds }: Settings,
  memory: boolean,
): Query<BenchArgs, unknown, BenchContext> {
  return query<BenchArgs, unknown, BenchContext>('bench', {
    ttl: `${ttlSeconds}s`,
    stale: `${staleSeconds}s`,
    ...(memory ? { memory: '10s' } : {}),
    tags: ({ tags }) => tags?.split(' ').map((name) => tag(name)) ?? [],
    load: async ({ key }, { loads }) => loads.get(key)?.(),
    loadMany: async (all, { loads, loadMany }) => {
      const keys = all.map(({ key }) => key);
      return loadMany ? loadMany(keys) : Promise.all(keys.map((key) => loads.get(key)?.()));
    },
  });
}

/** Opens the scope of one request. */
function openScope(settings: Settings, isolate: ReturnType<typeof openIsolate>): Caller {
  const transport = createTransport({
    url: settings.url,
    token: settings.token,
    meter: createRedisMeter(),
    breaker: isolate.breaker,
    now: realSystem.now,
    ...(settings.defaultLimits ? {} : { timeout: PATIENT_MS }),
  });
  const context: BenchContext = { tenant: 'bench', loads: new Map(), loadMany: null };
  const cache = createCache<BenchContext>({
    context,
    redis: new RedisClient(transport),
    system: realSystem,
    statistics: isolate.statistics,
    memory: isolate.memory,
    after: (work) => void work.catch(() => {}),
  });
  return {
    read(key, load) {
      context.loads.set(key, load);
      return cache.read(isolate.bench, { key });
    },
    readTagged(key, tags, load) {
      context.loads.set(key, load);
      return cache.read(isolate.bench, { key, tags: tags.join(' ') });
    },
    readMany(keys, _load, loadMany) {
      context.loadMany = loadMany;
      return cache.readMany(
        isolate.bench,
        keys.map((key) => ({ key })),
      );
    },
    forget: (key) => cache.forget(isolate.bench, { key }),
    invalidate: (name) => cache.invalidate(tag(name)),
  };
}

function openIsolate(settings: Settings, memory: boolean) {
  return {
    bench: declareQuery(settings, memory),
    breaker: createBreaker({ now: realSystem.now }),
    statistics: createCacheStatistics(),
    memory: createMemory(),
  };
}

function declare(id: string, label: string, memory: boolean): Contestant {
  return {
    id,
    label,
    version: '',
    memory,
    stale: true,
    async open(settings) {
      const isolate = openIsolate(settings, memory);
      return { caller: () => openScope(settings, isolate) };
    },
  };
}

export const holdfast = declare('holdfast', 'Holdfast', false);
export const holdfastMemory = declare('holdfast-memory', 'Holdfast + memory', true);
