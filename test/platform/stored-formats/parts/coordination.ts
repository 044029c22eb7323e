/** Limits of each algorithm, locks and their fences, idempotent calls, circuits. */
import { expect } from 'vitest';
import type { Scope, TenantScope } from '../../../../src/platform/http/index.ts';
import { bucket, fixed, rule, sliding } from '../../../../src/platform/limits/index.ts';
import { once, withLock } from '../../../../src/platform/locks/index.ts';
import type { StoredPart } from '../part.ts';
import { TENANT } from '../world.ts';

const rules = [
  rule('stored-sliding', { window: sliding(3, '30d'), by: 'user', whenDown: 'closed' }),
  rule('stored-fixed', { window: fixed(3, '30d'), by: 'tenant', whenDown: 'closed' }),
  rule('stored-bucket', { window: bucket({ capacity: 3, refill: 1, every: '10d' }), by: 'ip', whenDown: 'closed' }),
];
const subject = { tenant: TENANT, user: 'user_stored_reader', ip: '2001:db8::77' };
const result = { at: new Date('2026-11-20T08:30:00Z'), items: [1, 2] };
const circuitOptions = { name: 'stored-third-party', threshold: 2, openFor: '1s', window: '30m' } as const;
const lockServices = ({ tenant }: TenantScope, { redis, system, after }: Scope) => ({ tenant, redis, system, after });
const call = (id: string, body = 'the same') => ({ id: ['stored', id], request: ['POST', '/deals', body] });

export const coordinationPart: StoredPart = {
  name: 'coordination',
  async record(world) {
    let lastFence = 0;
    await world.within(async (tenant, scope) => {
      for (let round = 0; round < 2; round += 1) await scope.limiter.check(rules, subject);
      const services = lockServices(tenant, scope);
      await withLock(services, 'freed', {}, async ({ fence }) => {
        lastFence = fence;
      });
      await once(services, { ...call('done'), remember: '30d' }, async () => result);
      const circuit = scope.circuit(circuitOptions);
      const fail = () => circuit.call(() => Promise.reject(new Error('it is down')));
      for (let failures = 0; failures < 2; failures += 1) await fail().catch(() => undefined);
    });
    // Neither of them ends, so the snapshot has them under way.
    const forever = () => new Promise<never>(() => {});
    void world.within((tenant, scope) => withLock(lockServices(tenant, scope), 'held', { lease: '30d' }, forever));
    void world.within((tenant, scope) =>
      once(lockServices(tenant, scope), { ...call('running'), lease: '30d' }, forever),
    );
    return { lastFence: String(lastFence), onceFingerprint: 'bytes' };
  },
  reads: {
    'limits of each algorithm continue their counts': (world) =>
      world.within(async (_tenant, { limiter }) => {
        for (const each of rules) {
          const allowed = await limiter.check([each], subject);
          expect([each.name, allowed.allowed, allowed.states[0]?.remaining]).toEqual([each.name, true, 0]);
          expect((await limiter.check([each], subject)).allowed, each.name).toBe(false);
        }
      }),
    'a held lock is busy, and its fence continues to grow': (world, { lastFence }) =>
      world.within(async (tenant, scope) => {
        const services = lockServices(tenant, scope);
        const busy = withLock(services, 'held', {}, async () => 'entered');
        await expect(busy).rejects.toMatchObject({ code: 'LOCK_BUSY' });
        const fence = await withLock(services, 'freed', {}, async (held) => held.fence);
        expect(fence).toBeGreaterThan(Number(lastFence));
      }),
    'a finished or running call is not repeated': (world, { onceFingerprint }) =>
      world.within(async (tenant, scope) => {
        const services = lockServices(tenant, scope);
        let made = 0;
        const work = async () => {
          made += 1;
          return { at: new Date(0), items: [] as number[] };
        };
        const [done, running] = [await once(services, call('done'), work), await once(services, call('running'), work)];
        // Fingerprints of the first snapshot were made from text, later ones from bytes, so the old ones never match.
        if (onceFingerprint === undefined) expect([done.kind, running.kind]).toEqual(['mismatch', 'mismatch']);
        else expect([done, running]).toMatchObject([{ kind: 'repeated', result }, { kind: 'running' }]);
        expect(await once(services, call('done', 'another'), work)).toEqual({ kind: 'mismatch' });
        expect(made).toBe(0);
      }),
    'an open circuit lets one call pass as its probe, and refuses others meanwhile': (world) =>
      world.within(async (_tenant, scope) => {
        const circuit = scope.circuit(circuitOptions);
        const probing = Promise.withResolvers<void>();
        const answer = Promise.withResolvers<string>();
        const probe = circuit.call(() => {
          probing.resolve();
          return answer.promise;
        });
        await probing.promise;
        await expect(circuit.call(async () => 'called')).rejects.toMatchObject({ code: 'OUTBOUND_OPEN' });
        answer.resolve('it is up');
        expect(await probe).toBe('it is up');
        expect(await circuit.call(async () => 'called')).toBe('called');
      }),
  },
};
