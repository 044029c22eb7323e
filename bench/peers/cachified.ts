/** @epic-web/cachified over the REST client: an adapter of three functions, and cachified's own batches. */
import { type CacheEntry, cachified, createBatch, totalTtl } from '@epic-web/cachified';
import { Redis } from '@upstash/redis';
import { type Contestant, type Load, sharedBy } from '../contestant.ts';
import { packageVersion } from './package-version.ts';

export const cachifiedPeer: Contestant = {
  id: 'cachified',
  label: 'cachified',
  version: packageVersion('@epic-web/cachified'),
  stale: true,
  async open({ url, token, ttlSeconds, staleSeconds }) {
    const redis = new Redis({ url, token });
    const cache = {
      get: (key: string) => redis.get<CacheEntry>(key),
      set: (key: string, entry: CacheEntry) => {
        const life = totalTtl(entry.metadata);
        return redis.set(key, entry, Number.isFinite(life) ? { px: Math.max(1, Math.round(life)) } : undefined);
      },
      delete: (key: string) => redis.del(key),
    };
    const times = { ttl: ttlSeconds * 1000, swr: staleSeconds * 1000 };
    return sharedBy({
      read: (key, load: Load) => cachified({ key, cache, getFreshValue: load, ...times }),
      readMany(keys, _load, loadMany) {
        const batch = createBatch((missing: string[]) => loadMany(missing));
        return Promise.all(keys.map((key) => cachified({ key, cache, getFreshValue: batch.add(key), ...times })));
      },
      forget: (key) => redis.del(key),
    });
  },
};
