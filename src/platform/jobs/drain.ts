/**
 * Paying what writes still owe: each minute by a schedule, and at the tail of requests that have used the database
 * anyway, so that a debt is paid soon where people work, and is paid at all where no schedule runs.
 */
import type { MiddlewareHandler } from 'hono';
import { createInvalidator } from '../cache/index.ts';
import { type DrainResult, drainOutbox } from '../db/index.ts';
import type { AppEnv, Scope } from '../http/index.ts';
import { REVOCATION_DEBT, revocationPayer } from '../sessions/index.ts';
import { jobPayers } from './registry.ts';

/** Pays one batch of what is owed. 1 query if nothing is. Rows are taken with locks, so any number may be at it. */
export function drainBatch(scope: Scope): Promise<DrainResult> {
  const { database, redis, system } = scope;
  const payers = { ...jobPayers(scope), [REVOCATION_DEBT]: revocationPayer(scope) };
  return drainOutbox({ database, invalidator: createInvalidator(redis, system), system, payers });
}

/**
 * After the answer to a request that has sent a query, pays one batch of what is owed; every `OUTBOX_TAIL_MS` at most,
 * first that long after the isolate's first request. What goes wrong is logged, and the rows stay. Where nothing outlives
 * an answer, as on Lambda, the request waits for it, as for all that is done after it.
 */
export function drainAtTail(): MiddlewareHandler<AppEnv> {
  let lookedAt: number | undefined;
  return async function drainAtTail(c, next) {
    const { scope } = c.var;
    const every = scope.environment.OUTBOX_TAIL_MS;
    lookedAt ??= scope.system.now();
    await next();
    const now = scope.system.now();
    if (every === 0 || scope.database.meter.queries === 0 || now - lookedAt < every) return;
    lookedAt = now;
    scope.after(async () => {
      const { settled, failed } = await drainBatch(scope);
      if (settled + failed > 0) scope.log.info('outbox.drained', { settled, failed, at: 'tail' });
    });
  };
}
