/**
 * Counts of refused deliveries, by reason. An isolate counts its refusals, and adds them to the day's shared counts
 * after a response, at most every few seconds. So attempts with false keys cost few requests, and every isolate can
 * show the shared counts.
 */
import { key, NO_TENANT, type RedisClient, type RedisKey } from '../../redis/index.ts';
import type { BaseScope } from '../scope.ts';

/** The reasons for a refusal. `replay`: the same delivery has already run its job. */
export const REFUSALS = [
  'missing',
  'malformed',
  'key',
  'expired',
  'issuer',
  'url',
  'claims',
  'body',
  'replay',
] as const;
/** A reason of {@link REFUSALS}. A reason never quotes the request. */
export type Refusal = (typeof REFUSALS)[number];

/** The number of refused deliveries for each reason. */
export type RefusalCounts = Record<Refusal, number>;

/** The counts of an isolate. */
export interface Refusals {
  /** The counts since the start of the isolate. */
  readonly isolate: Readonly<RefusalCounts>;
  /** Counts one refusal. At most 1 request to Redis per `CACHE_STATISTICS_MS`, after the response. */
  note(scope: Pick<BaseScope, 'redis' | 'system' | 'environment' | 'after'>, reason: Refusal): void;
}

const KEPT_MS = 8 * 86_400_000;

/** Creates the counts of an isolate, which begin at zero. */
export function createRefusals(): Refusals {
  const isolate = zero();
  const unflushed = zero();
  let flushedAt = Number.NEGATIVE_INFINITY;

  async function flush(redis: RedisClient, day: RedisKey): Promise<void> {
    const some = REFUSALS.filter((reason) => unflushed[reason] > 0).map(
      (reason) => [reason, unflushed[reason]] as const,
    );
    for (const [reason] of some) unflushed[reason] = 0;
    const added = some.map(async ([reason, by]) => {
      try {
        await redis.exec(['HINCRBY', day, reason, String(by)]);
      } catch {
        unflushed[reason] += by;
      }
    });
    await Promise.allSettled([...added, redis.exec(['PEXPIRE', day, String(KEPT_MS)])]);
  }

  return {
    isolate,
    note({ redis, system, environment, after }, reason) {
      isolate[reason] += 1;
      unflushed[reason] += 1;
      const now = system.now();
      if (now - flushedAt < environment.CACHE_STATISTICS_MS) return;
      flushedAt = now;
      after(() => flush(redis, countsKey(now)));
    },
  };
}

/** Reads the shared counts of the day of `now` (ms since the epoch). 1 request, 1 command. */
export async function readRefusals(redis: RedisClient, now: number): Promise<RefusalCounts> {
  const counts = await redis.exec<(string | null)[]>(['HMGET', countsKey(now), ...REFUSALS]);
  return Object.fromEntries(REFUSALS.map((reason, at) => [reason, Number(counts[at] ?? 0)])) as RefusalCounts;
}

function countsKey(now: number): RedisKey {
  return key(NO_TENANT, 'counters', 'deliveries', new Date(now).toISOString().slice(0, 10));
}

function zero(): RefusalCounts {
  return Object.fromEntries(REFUSALS.map((reason) => [reason, 0])) as RefusalCounts;
}
