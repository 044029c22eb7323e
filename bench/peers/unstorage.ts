/** unstorage with its own Upstash driver. unstorage is a store, not a cache, so this file implements get-or-load. */
import { createStorage, type StorageValue } from 'unstorage';
import upstashDriver from 'unstorage/drivers/upstash';
import { type Contestant, sharedBy } from '../contestant.ts';
import { packageVersion } from './package-version.ts';

export const unstorage: Contestant = {
  id: 'unstorage',
  label: 'unstorage',
  version: packageVersion('unstorage'),
  async open({ url, token, ttlSeconds }) {
    const storage = createStorage({ driver: upstashDriver({ url, token }) });
    const life = { ttl: ttlSeconds };
    return sharedBy({
      async read(key, load) {
        const found = await storage.getItem(key);
        if (found !== null) return found;
        const value = await load();
        await storage.setItem(key, value as StorageValue, life);
        return value;
      },
      async readMany(keys, _load, loadMany) {
        const found = await storage.getItems([...keys]);
        const missing = keys.filter((_, index) => found[index]?.value === null);
        if (missing.length === 0) return found.map(({ value }) => value);
        const loaded = await loadMany(missing);
        const items = missing.map((key, index) => ({ key, value: loaded[index] as StorageValue, options: life }));
        await storage.setItems(items, life);
        const byKey = new Map(missing.map((key, index) => [key, loaded[index]]));
        return keys.map((key, index) => found[index]?.value ?? byKey.get(key));
      },
      forget: (key) => storage.removeItem(key),
    });
  },
};
