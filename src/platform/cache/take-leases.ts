/** Takes leases for readings, and releases them if the answer is lost. */
import { RedisError } from '../redis/index.ts';
import { releaseLeases } from './hold-lease.ts';
import { acquireLeases, type LeaseAnswer } from './lease.ts';
import type { CacheServices, Reading } from './services.ts';

/** A reading to load, and the state that the caller has seen. */
export interface Wanted {
  reading: Reading<unknown>;
  /** The fill id of the entry; `''` without an entry. */
  seenFillId: string;
  /** The holder for whose load the caller waits. Default: the caller has not waited yet. */
  awaited?: string;
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
  const requests = wanted.map(({ reading, seenFillId, awaited = '' }) => ({ keys: reading.keys, seenFillId, awaited }));
  const livesMs = Math.max(...wanted.map(({ reading: { query } }) => query.ttlMs * 1.1 + query.staleIfErrorMs));
  try {
    return await acquireLeases(redis, requests, { token, newVersion: system.token(), livesMs, force });
  } catch (error) {
    // The answer is lost, and Redis may have granted the leases, so release them. With an open breaker the request was
    // never sent.
    if (!(error instanceof RedisError && error.code === 'REDIS_BREAKER_OPEN')) {
      const leases = requests.map(({ keys }) => ({ key: keys.lease }));
      services.after(releaseLeases(redis, leases, token).catch(() => undefined));
    }
    throw error;
  }
}
