/** Takes leases for readings, and releases them if the answer is lost. */
import { RedisError } from '../redis/index.ts';
import { acquireLeases, type LeaseAnswer, releaseLeases } from './lease.ts';
import type { CacheServices, Reading } from './services.ts';

/** A reading to load, and the fill id of the entry that the caller has seen (`''` without an entry). */
export interface Wanted {
  reading: Reading<unknown>;
  seenFillId: string;
}

/**
 * Requests a lease for each reading. Returns the answers in the order of `wanted`.
 * @throws {RedisError} if Redis did not answer.
 */
export async function takeLeases(
  services: CacheServices,
  wanted: readonly Wanted[],
  token: string,
  force = false,
): Promise<LeaseAnswer[]> {
  const { redis, system } = services;
  if (wanted.length === 0) return [];
  const requests = wanted.map(({ reading, seenFillId }) => ({ keys: reading.keys, seenFillId }));
  const livesMs = Math.max(...wanted.map(({ reading: { query } }) => query.ttlMs * 1.1 + query.staleIfErrorMs));
  try {
    return await acquireLeases(redis, requests, { token, newVersion: system.token(), livesMs, force });
  } catch (error) {
    // The answer is lost, and Redis may have granted the leases, so release them. With an open breaker the request was
    // never sent.
    if (!(error instanceof RedisError && error.code === 'REDIS_BREAKER_OPEN')) {
      const leases = requests.map(({ keys }) => keys.lease);
      services.after(releaseLeases(redis, leases, token).catch(() => undefined));
    }
    throw error;
  }
}
