/**
 * `withLock()`: run work while holding a lock. A lock is for efficiency, so that two callers do not do the same work.
 * For correctness even if a holder sleeps through its lease, use the fence, unique rows or idempotency.
 */
import { type Duration, milliseconds } from '../duration.ts';
import { isRefusal, key, type RedisClient, RedisError } from '../redis/index.ts';
import type { System } from '../system.ts';
import { LockError } from './errors.ts';
import { acquireLock, type LockKeys, releaseLock, renewLock } from './lease.ts';

/** The services that a lock needs from its scope. */
export interface LockServices {
  tenant: string;
  redis: RedisClient;
  system: System;
  /** Keeps work going after the response: a release that is slow is not waited for. */
  after(work: Promise<unknown>): void;
}

/** How to hold and how long to wait. */
export interface LockOptions {
  /** How long the lock is held without a renewal. Default 10 s. */
  lease?: Duration;
  /** How long to wait for it. Default: not at all. */
  wait?: Duration;
}

/** The argument of `work`: the lock that its caller holds. */
export interface Held {
  /** Grows with every holder. Pass it to the guarded resource, which must refuse lower ones. */
  readonly fence: number;
  /** Aborts shortly before the lease ends, and when a renewal fails. */
  readonly signal: AbortSignal;
  /**
   * Extends the lease, also in a full Redis.
   * @throws {LockError} `LOCK_LOST` if it has ended.
   * @throws {RedisError} Redis did not answer, or refused: the lease goes on until its end.
   */
  renew(): Promise<void>;
}

const FIRST_WAIT_MS = 25;
const LONGEST_WAIT_MS = 1000;

/**
 * Runs `work` while holding the tenant's lock of that name.
 * Free lock: 2 requests, 2 commands: acquire, release. Waiting costs one more for each time it looks.
 * @throws {LockError} `LOCK_BUSY`, `LOCK_REFUSED` or `LOCK_UNAVAILABLE` if it was not acquired: `work` has not run.
 * @throws the error of `work`.
 */
export async function withLock<Result>(
  services: LockServices,
  name: string,
  options: LockOptions,
  work: (held: Held) => Promise<Result>,
): Promise<Result> {
  const { redis, system, tenant } = services;
  const keys: LockKeys = { lock: key(tenant, 'lock', name), fence: key(tenant, 'fence', name) };
  const leaseMs = milliseconds(options.lease ?? '10s');
  const token = system.token();
  const fence = await acquire(services, name, keys, token, leaseMs, milliseconds(options.wait ?? 0));

  const controller = new AbortController();
  // A tenth of the lease is left for what must be done after the signal.
  const watch = () =>
    system.timer(leaseMs * 0.9, () => controller.abort(new LockError('LOCK_LOST', `The lease of ${name} ends`)));
  let stopWatching = watch();
  try {
    return await work({
      fence,
      signal: controller.signal,
      async renew() {
        const renewed = !controller.signal.aborted && (await renewLock(redis, keys, token, leaseMs));
        stopWatching();
        if (!renewed) {
          const lost = new LockError('LOCK_LOST', `The lock ${name} is no longer held`);
          controller.abort(lost);
          throw lost;
        }
        stopWatching = watch();
      },
    });
  } finally {
    stopWatching();
    // If the release is lost, the lease ends by itself.
    services.after(releaseLock(redis, keys, token).catch(() => undefined));
  }
}

/** Asks until the lock is acquired or the time is over. A lost answer is asked for again: the token makes that safe. */
async function acquire(
  { redis, system }: LockServices,
  name: string,
  keys: LockKeys,
  token: string,
  leaseMs: number,
  waitMs: number,
): Promise<number> {
  const deadline = system.now() + waitMs;
  let failures = 0;
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
    let retryAfterMs = LONGEST_WAIT_MS;
    try {
      const answer = await acquireLock(redis, keys, token, leaseMs);
      if (answer.held) return answer.fence;
      retryAfterMs = Math.max(0, answer.retryAfterMs);
      if (system.now() >= deadline) throw new LockError('LOCK_BUSY', `The lock ${name} is held`, retryAfterMs);
    } catch (error) {
      if (!(error instanceof RedisError)) throw error;
      // A refusal is certain: nothing was taken, and asking again at once is no use without time to wait.
      if (isRefusal(error) && system.now() >= deadline) {
        throw new LockError('LOCK_REFUSED', `Redis takes no locks at the moment, so ${name} was not taken`);
      }
      failures += 1;
      if (failures > 1 && system.now() >= deadline) {
        throw new LockError('LOCK_UNAVAILABLE', `Redis did not say who holds the lock ${name}`);
      }
    }
    // Waiters retry at different times, and not much before the holder's lease can end.
    const pause = Math.min(wait * (0.5 + system.random()), retryAfterMs + 1, Math.max(1, deadline - system.now()));
    await system.sleep(pause);
  }
}
