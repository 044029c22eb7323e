/**
 * cacheable, on Redis alone and with its memory in front of Redis (the usual form). `getOrSet` does not support tags,
 * so a tagged read is `get`, then `set` with tags, as cacheable's documentation shows.
 */
import { Cacheable } from 'cacheable';
import { Keyv } from 'keyv';
import { type Contestant, sharedBy } from '../contestant.ts';
import { KeyvRestStore } from './keyv-store.ts';
import { packageVersion } from './package-version.ts';

function declare(id: string, label: string, memory: boolean): Contestant {
  return {
    id,
    label,
    version: packageVersion('cacheable'),
    memory,
    async open({ url, token, ttlSeconds }) {
      const redis = new Keyv({ store: new KeyvRestStore({ url, token }) });
      const ttl = ttlSeconds * 1000;
      const stores = memory ? { secondary: redis } : { primary: redis };
      const plain = new Cacheable({ ...stores, ttl });
      const tagged = new Cacheable({ ...stores, ttl, tags: true });
      for (const emitter of [redis, plain, tagged]) emitter.on('error', () => {});
      return sharedBy({
        read: (key, load) => plain.getOrSet(key, load, { throwErrors: true }),
        async readTagged(key, tags, load) {
          const found = await tagged.get(key);
          if (found !== undefined) return found;
          const value = await load();
          await tagged.set(key, value, { tags: [...tags] });
          return value;
        },
        async readMany(keys, _load, loadMany) {
          const found = await plain.getMany([...keys]);
          const missing = keys.filter((_, index) => found[index] === undefined);
          if (missing.length === 0) return found;
          const loaded = await loadMany(missing);
          await plain.setMany(missing.map((key, index) => ({ key, value: loaded[index] })));
          const byKey = new Map(missing.map((key, index) => [key, loaded[index]]));
          return keys.map((key, index) => found[index] ?? byKey.get(key));
        },
        forget: (key) => plain.delete(key),
        invalidate: (tag) => tagged.tags.invalidateTag(tag),
      });
    },
  };
}

export const cacheable = declare('cacheable', 'cacheable', false);
export const cacheableMemory = declare('cacheable-memory', 'cacheable + memory', true);
