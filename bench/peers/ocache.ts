/** ocache over the REST client. ocache caches functions, not keys, so one cached function finds the loader by key. */
import { Redis } from '@upstash/redis';
import { defineCachedFunction } from 'ocache';
import { type Contestant, type Load, sharedBy } from '../contestant.ts';
import { packageVersion } from './package-version.ts';

export const ocache: Contestant = {
  id: 'ocache',
  label: 'ocache',
  version: packageVersion('ocache'),
  stale: true,
  async open({ url, token, ttlSeconds, staleSeconds }) {
    const redis = new Redis({ url, token });
    const loaders = new Map<string, Load>();
    const cached = defineCachedFunction(async (key: string) => loaders.get(key)?.(), {
      name: 'bench',
      getKey: (key) => key,
      maxAge: ttlSeconds,
      ...(staleSeconds > 0 ? { swr: true, staleMaxAge: staleSeconds } : { swr: false }),
      onError: () => {},
      storage: {
        get: (key) => redis.get(key),
        set: async (key, value, options) => {
          if (value === null || value === undefined) await redis.del(key);
          else await redis.set(key, value, options?.ttl ? { px: Math.round(options.ttl * 1000) } : undefined);
        },
      },
    });
    const read = (key: string, load: Load) => {
      loaders.set(key, load);
      return cached(key);
    };
    return sharedBy({
      read,
      readMany: (keys, load) => Promise.all(keys.map((key) => read(key, load))),
      forget: (key) => cached.invalidate(key),
    });
  },
};
