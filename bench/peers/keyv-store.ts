/**
 * A Keyv store over the REST client, for cacheable and cache-manager, because Keyv's own Redis store uses TCP. Like
 * Keyv's store, this store reads many values with one MGET; Redis has no MSET with a TTL, so this store writes many
 * values in one pipeline.
 */
import { EventEmitter } from 'node:events';
import { Redis } from '@upstash/redis';
import type { KeyvStoreAdapter } from 'keyv';

export class KeyvRestStore extends EventEmitter implements KeyvStoreAdapter {
  opts = {};
  namespace: string | undefined = undefined;
  readonly #redis: Redis;

  constructor({ url, token }: { url: string; token: string }) {
    super();
    // Keyv has already serialised the values.
    this.#redis = new Redis({ url, token, automaticDeserialization: false });
  }

  async get<Value>(key: string) {
    return ((await this.#redis.get<string>(key)) ?? undefined) as Value | undefined;
  }

  async getMany<Value>(keys: string[]) {
    const found = await this.#redis.mget<(Value | null)[]>(...keys);
    return found.map((text) => text ?? undefined);
  }

  async set(key: string, text: string, ttlMs?: number): Promise<boolean> {
    return (await this.#redis.set(key, text, ttlMs ? { px: Math.max(1, Math.round(ttlMs)) } : undefined)) === 'OK';
  }

  async setMany(items: { key: string; value: string; ttl?: number }[]): Promise<void> {
    await Promise.all(items.map(({ key, value, ttl }) => this.set(key, value, ttl)));
  }

  async delete(key: string): Promise<boolean> {
    return (await this.#redis.del(key)) > 0;
  }

  async deleteMany(keys: string[]): Promise<boolean> {
    return keys.length > 0 && (await this.#redis.del(...keys)) > 0;
  }

  async clear(): Promise<void> {}
}
