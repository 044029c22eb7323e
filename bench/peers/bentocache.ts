/**
 * bentocache with a driver for the REST client, because bentocache has only a driver for ioredis: with Redis alone,
 * and with a memory tier above Redis. HTTP has no bus, so a memory tier does not learn of changes in other instances.
 */
import { Redis } from '@upstash/redis';
import { BentoCache, bentostore } from 'bentocache';
import { BaseDriver } from 'bentocache/drivers/base_driver';
import { memoryDriver } from 'bentocache/drivers/memory';
import type { L2CacheDriver } from 'bentocache/types';
import { type Contestant, type Settings, sharedBy } from '../contestant.ts';
import { packageVersion } from './package-version.ts';

class RestDriver extends BaseDriver implements L2CacheDriver {
  readonly type = 'l2';
  readonly #redis: Redis;

  constructor(redis: Redis, prefix = '') {
    super({ prefix });
    this.#redis = redis;
  }

  namespace(name: string): RestDriver {
    return new RestDriver(this.#redis, this.createNamespacePrefix(name));
  }

  async get(key: string): Promise<string | undefined> {
    return (await this.#redis.get<string>(this.getItemKey(key))) ?? undefined;
  }

  async pull(key: string): Promise<string | undefined> {
    return (await this.#redis.getdel<string>(this.getItemKey(key))) ?? undefined;
  }

  async set(key: string, value: string, ttlMs?: number): Promise<boolean> {
    const ttl = ttlMs === undefined ? undefined : { px: Math.max(1, Math.round(ttlMs)) };
    return (await this.#redis.set(this.getItemKey(key), value, ttl)) === 'OK';
  }

  async delete(key: string): Promise<boolean> {
    return (await this.#redis.del(this.getItemKey(key))) > 0;
  }

  async deleteMany(keys: string[]): Promise<boolean> {
    return keys.length > 0 && (await this.#redis.del(...keys.map((key) => this.getItemKey(key)))) > 0;
  }

  async clear(): Promise<void> {}
  async disconnect(): Promise<void> {}
}

function declare(id: string, label: string, memory: boolean): Contestant {
  return {
    id,
    label,
    version: packageVersion('bentocache'),
    memory,
    stale: true,
    async open({ url, token, ttlSeconds, staleSeconds }: Settings) {
      // The driver stores text that bentocache has already serialised.
      const redis = new Redis({ url, token, automaticDeserialization: false });
      const tier = memory ? bentostore().useL1Layer(memoryDriver({ maxItems: 10_000 })) : bentostore();
      const store = tier.useL2Layer({ options: {}, factory: () => new RestDriver(redis) });
      const grace = staleSeconds > 0 ? `${staleSeconds}s` : false;
      const cache = new BentoCache({ default: 'main', ttl: `${ttlSeconds}s`, grace, stores: { main: store } });
      const read = (key: string, factory: () => Promise<unknown>) => cache.getOrSet({ key, factory });
      return sharedBy({
        read,
        readTagged: (key, tags, factory) => cache.getOrSet({ key, factory, tags: [...tags] }),
        readMany: (keys, load) => Promise.all(keys.map((key) => read(key, load))),
        forget: (key) => cache.delete({ key }),
        invalidate: (tag) => cache.deleteByTag({ tags: [tag] }),
      });
    },
  };
}

export const bentocache = declare('bentocache', 'bentocache', false);
export const bentocacheMemory = declare('bentocache-memory', 'bentocache + memory', true);
