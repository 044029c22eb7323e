/**
 * `withLock()` runs work while holding a lock. A lock saves work, because two callers do not do the same work at once.
 * But a lock alone does not make work correct: a holder may pause until its lease has ended, and then continue.
 * Correctness also needs the fence, unique rows or idempotency keys.
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
  /** Lets work continue after the response, so that no request waits for a slow release. */
  after(work: Promise<unknown>): void;
}

/** How long a lock is held, and how long to wait for the lock. */
export interface LockOptions {
  /** How long the lock is held without a renewal. Default 10 s. */
  lease?: Duration;
  /** How long to wait for the lock. Default: no wait. */
  wait?: Duration;
}

/** The argument of `work`: the held lock. */
export interface Held {
  /** A number that grows with every holder. Pass it to the guarded resource, which must refuse lower fences. */
  readonly fence: number;
  /** A signal that aborts shortly before the lease ends, and when a renewal fails. */
  readonly signal: AbortSignal;
  /**
   * Extends the lease, also in a full Redis.
   * @throws {LockError} `LOCK_LOST` if the lease has ended.
   * @throws {RedisError} if Redis did not answer or refused; then the end of the lease does not change.
   */
  renew(): Promise<void>;
}

const FIRST_WAIT_MS = 25;
const LONGEST_WAIT_MS = 1000;

/**
 * Runs `work` while holding the tenant's lock with this name. A free lock costs 2 requests, 2 commands: acquire and
 * release. Each further attempt to acquire the lock costs 1 request, 1 command.
 * @throws {LockError} `LOCK_BUSY`, `LOCK_REFUSED` or `LOCK_UNAVAILABLE` without the lock; then `work` has not run.
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
  // The signal aborts when nine tenths of the lease have passed, so `work` has the last tenth to finish.
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
    // If the release does not reach Redis, the lease ends by itself.
    services.after(releaseLock(redis, keys, token).catch(() => undefined));
  }
}

/**
 * Tries to acquire the lock until the waiting time is over. Each attempt has the same token, so it is safe to repeat an
 * attempt whose answer was lost.
 */
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
      // After a refusal the lock is certainly not held. If no waiting time is left, an immediate second attempt would
      // not help.
      if (isRefusal(error) && system.now() >= deadline) {
        throw new LockError('LOCK_REFUSED', `Redis takes no locks at the moment, so ${name} was not taken`);
      }
      failures += 1;
      if (failures > 1 && system.now() >= deadline) {
        throw new LockError('LOCK_UNAVAILABLE', `Redis did not say who holds the lock ${name}`);
      }
    }
    // The pause is random, so that waiting callers retry at different times. No caller waits much longer than the rest
    // of the holder's lease.
    const pause = Math.min(wait * (0.5 + system.random()), retryAfterMs + 1, Math.max(1, deadline - system.now()));
    await system.sleep(pause);
  }
}
