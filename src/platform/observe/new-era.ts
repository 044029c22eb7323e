/** The new era that an operator begins in the console, with its entry in the audit trail. */
import { beginEra } from '../cache/index.ts';
import { tellProcesses } from '../memory-channel.ts';
import { operatorsOnly, type Services } from '../rest/index.ts';

/**
 * Begins an era for all tenants: no entry of the cache from before is served again, and processes that listen drop their
 * memories. Versions, guards and values of `cache.store` have no era and stay; `npm run redis:new-era` removes these.
 * 1 request to Redis and 1 transaction. A caller whose entry cannot be written gets an error, and may ask again.
 * @throws {ProblemError} 403 `NOT_OPERATOR`
 * @throws {RedisError} if Redis did not confirm: the old era may go on.
 */
export async function startNewEra({ scope, tenant }: Pick<Services, 'scope' | 'tenant'>): Promise<void> {
  operatorsOnly({ scope, tenant });
  const { redis, system, log } = scope;
  const begun = beginEra(redis, system.token());
  tellProcesses({ redis, log })('all');
  await begun;
  await tenant.commit((tx) => tx.audit({ action: 'era.begun', entity: { type: 'redis' } }));
}
