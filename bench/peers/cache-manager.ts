/**
 * cache-manager over Keyv and the REST client. cache-manager refreshes a value before its expiry instead of serving
 * an expired value, so the TTL here is the sum of fresh and stale time, and the refresh threshold is the stale time.
 */
import { createCache } from 'cache-manager';
import { Keyv } from 'keyv';
import { type Contestant, sharedBy } from '../contestant.ts';
import { KeyvRestStore } from './keyv-store.ts';
import { packageVersion } from './package-version.ts';

export const cacheManager: Contestant = {
  id: 'cache-manager',
  label: 'cache-manager',
  version: packageVersion('cache-manager'),
  stale: true,
  async open({ url, token, ttlSeconds, staleSeconds }) {
    const redis = new Keyv({ store: new KeyvRestStore({ url, token }) });
    redis.on('error', () => {});
    const ttl = (ttlSeconds + staleSeconds) * 1000;
    const refresh = staleSeconds > 0 ? { refreshThreshold: staleSeconds * 1000 } : {};
    const cache = createCache({ stores: [redis], ttl, ...refresh });
    return sharedBy({
      read: (key, load) => cache.wrap(key, load),
      async readMany(keys, _load, loadMany) {
        const found = await cache.mget([...keys]);
        const missing = keys.filter((_, index) => found[index] === undefined);
        if (missing.length === 0) return found;
        const loaded = await loadMany(missing);
        await cache.mset(missing.map((key, index) => ({ key, value: loaded[index] })));
        const byKey = new Map(missing.map((key, index) => [key, loaded[index]]));
        return keys.map((key, index) => found[index] ?? byKey.get(key));
      },
      forget: (key) => cache.del(key),
    });
  },
};
