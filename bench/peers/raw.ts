/**
 * Cache-aside without a cache library, as the documentation of @upstash/redis shows: GET, then load and SET with a
 * TTL. The client has its default settings (automatic pipelining, base64 replies, JSON parsed by the library). A GET
 * of this client is the baseline of hits.
 */
import { Redis } from '@upstash/redis';
import { type Contestant, sharedBy } from '../contestant.ts';
import { packageVersion } from './package-version.ts';

export const raw: Contestant = {
  id: 'raw',
  label: 'raw @upstash/redis',
  version: packageVersion('@upstash/redis'),
  async open({ url, token, ttlSeconds }) {
    const redis = new Redis({ url, token });
    return sharedBy({
      async read(key, load) {
        const found = await redis.get(key);
        if (found !== null) return found;
        const value = await load();
        await redis.set(key, value, { ex: ttlSeconds });
        return value;
      },
      async readMany(keys, _load, loadMany) {
        const found = await redis.mget<unknown[]>(...keys);
        const missing = keys.filter((_, index) => found[index] === null);
        if (missing.length === 0) return found;
        const loaded = await loadMany(missing);
        await Promise.all(missing.map((key, index) => redis.set(key, loaded[index], { ex: ttlSeconds })));
        const byKey = new Map(missing.map((key, index) => [key, loaded[index]]));
        return keys.map((key, index) => found[index] ?? byKey.get(key));
      },
      forget: (key) => redis.del(key),
    });
  },
};
