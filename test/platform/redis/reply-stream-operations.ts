/** Operations that send every script of streams. */
import { expect } from 'vitest';
import { wakeSchedule } from '../../../src/platform/streams/index.ts';
import { streamKeys, watchKey } from '../../../src/platform/streams/keys.ts';
import { endLoss, settle } from '../../../src/platform/streams/settle.ts';
import { take } from '../../../src/platform/streams/take.ts';
import type { ReplyWorld } from './reply-world.ts';

/** Returns the operations of streams by name. */
export function streamOperationsOf({ tenant, within, ask }: ReplyWorld) {
  return {
    async 'a consumer group that takes and settles'() {
      await within(async (scope) => {
        const name = `reply-${scope.system.token()}`;
        const holder = { tenant: tenant.id, name, group: 'own', holder: 'run', leaseMs: 60_000, groups: ['own'] };
        const given = { most: 10, keepsLease: true };
        const fresh = await take(scope, holder, given);
        if (fresh.kind === 'behind') await endLoss(scope, holder, fresh.loss);
        await scope.redis.xadd(streamKeys(tenant.id, name).stream, '*', { e: '{}' });
        const taken = await take(scope, holder, given);
        const ids = taken.kind === 'taken' ? taken.entries.map(({ id }) => id) : [];
        expect(['settled', 'lost']).toContain(
          await settle(scope, holder, 60_000, { handled: ids, untried: [], pauseMs: 0 }),
        );
      });
    },
    async 'the status of streams, and the schedule that wakes their groups'() {
      expect((await ask('/streams')).status).toBeLessThan(504);
      await within(async (scope) => {
        await scope.redis.zadd(watchKey, { score: 1, member: `${tenant.id} deals` });
        const { log, system } = scope;
        const signal = new AbortController().signal;
        await wakeSchedule.execute({ tick: system.now(), attempt: 1, signal, log, scope });
      });
    },
  };
}
