/**
 * Every command and script of the product, in operations that a test can repeat: each operation creates its own data, uses
 * one room and checks the result. Together the operations cover every declared script.
 */
import { expect } from 'vitest';
import { drainReads } from '../../../src/platform/audit/index.ts';
import { createInvalidator, flushWrites } from '../../../src/platform/cache/index.ts';
import { createTraces } from '../../../src/platform/cache/traces.ts';
import { createCounters } from '../../../src/platform/counters/index.ts';
import { wakeListeners } from '../../../src/platform/feeds/index.ts';
import type { Scope, TenantScope } from '../../../src/platform/http/index.ts';
import { bucket, createLimiter, createLimitMemory, fixed, rule, sliding } from '../../../src/platform/limits/index.ts';
import { once, withLock } from '../../../src/platform/locks/index.ts';
import { serviceFeed } from '../../../src/platform/observe/index.ts';
import { createCircuit, createCircuitMemory } from '../../../src/platform/outbound/index.ts';
import { appendRead } from '../../../src/platform/read-log/index.ts';
import { key, tag, versionKey } from '../../../src/platform/redis/index.ts';
import { countAlive, type Revocation, revocationHandler } from '../../../src/platform/sessions/index.ts';
import { createUsage, readUsage, setUsageZone } from '../../../src/platform/usage/index.ts';
import { cacheOperationsOf } from './reply-cache-operations.ts';
import { documentOperationsOf } from './reply-document-operations.ts';
import { feedOperationsOf } from './reply-feed-operations.ts';
import { jobOperationsOf } from './reply-job-operations.ts';
import { streamOperationsOf } from './reply-stream-operations.ts';
import { failing, noted, Refused, type ReplyWorld } from './reply-world.ts';

/** Returns all operations by name. */
export function operationsOf(world: ReplyWorld): ReadonlyMap<string, () => Promise<void>> {
  const { tenant, userId, clock, within, ask } = world;
  const token = (scope: Scope) => scope.system.token();
  const signIn = { userId, role: 'owner', methods: ['pwd'] };

  async function session(scope: Scope, own: TenantScope) {
    const epochs = await own.sessions.readEpochs(userId);
    const created = await own.sessions.create(signIn, epochs);
    if (created.kind !== 'created') throw new Refused(created.kind);
    void scope;
    return created;
  }

  const operations = {
    async 'a cached list and a cached row'() {
      for (let time = 0; time < 2; time += 1) {
        const list = await ask('/companies');
        expect(list.status).toBe(200);
        expect(await list.text()).toContain(tenant.id);
        const row = await ask('/companies/comp_own');
        expect(await row.json()).toMatchObject({ id: 'comp_own', name: tenant.id });
      }
    },
    async 'a write over HTTP, with an idempotency key'() {
      const key = await within(async (scope) => token(scope));
      for (let time = 0; time < 2; time += 1) {
        const headers = { 'idempotency-key': key };
        const response = await ask('/deals', { method: 'POST', json: { title: 'Nets', value: '1.00' }, headers });
        expect([201, 409, 503]).toContain(response.status);
      }
      expect(
        (await ask('/companies/comp_own', { method: 'PATCH', json: { industry: key.slice(0, 20) } })).status,
      ).toBeLessThan(504);
      expect(await (await ask('/companies/comp_own')).json()).toMatchObject({ industry: key.slice(0, 20) });
    },
    async 'the routes of the cache, of jobs and of schedules'() {
      await ask('/cache/stats');
      await ask('/cache/entries/company?args={"id":"comp_own"}');
      await ask('/cache/invalidate', { method: 'POST', json: { tags: [['deals']] } });
      await ask('/cache/invalidate', { method: 'POST', json: { tags: [['deals']], soft: true } });
      // Creates an entry for the pattern to remove.
      await ask('/deals/pipeline');
      await ask('/cache/invalidate', { method: 'POST', json: { pattern: 'deal*' } });
      for (const path of ['/jobs', '/queues', '/schedules', '/deliveries']) await ask(path);
    },
    async 'a flush of the counters, and their readings'() {
      await within(async ({ counters, redis }) => {
        counters.count('cache.sets', { query: 'reply' });
        await counters.flush(redis);
        await wakeListeners({ redis, tenant: 'reply' }, serviceFeed);
      });
      await ask('/cache/stats');
      await ask('/console/cache');
    },
    async 'traces of entries, and the sessions that are alive'() {
      await within(async ({ redis, system }) => {
        const counters = createCounters({ now: () => system.now(), token: () => system.token() });
        const traces = createTraces(counters);
        counters.count('cache.sets', { query: 'reply' });
        const query = { name: 'reply', ttlMs: 1_000, staleIfErrorMs: 0 };
        const entryKey = versionKey(tenant.id, tag('reply'));
        for (let entry = 0; entry < 100; entry += 1) {
          const fillId = system.token();
          traces.reads.set(fillId, { query, entryKey, fillId, loadedAt: 0, readAt: 5 });
        }
        await counters.flush(redis);
        await countAlive(redis, [key(tenant.id, 'sessions', 'reply')], system.now());
      });
    },
    async 'the health of the service'() {
      const ready = await ask('/health/ready');
      expect(ready.status).toBe(200);
      expect(['ok', 'degraded']).toContain(((await ready.json()) as { status: string }).status);
    },
    async 'reads of many, and a refresh'() {
      await within(async (scope, { cache }) => {
        const ids = [token(scope), token(scope)];
        const args = ids.map((id) => ({ id }));
        for (let time = 0; time < 2; time += 1) {
          expect(await cache.readMany(noted, args)).toEqual(ids.map((id) => `${tenant.id} ${id}`));
        }
        expect(await cache.readMany(noted, args)).toHaveLength(2);
        const id = ids[0] ?? '';
        expect(await cache.refresh(noted, { id })).toBe(`${tenant.id} ${id}`);
        cache.prefetch(noted, { id: `${id}.` });
        await expect(cache.read(failing, { id })).rejects.toThrow(RangeError);
      });
    },
    async 'writes through and behind the cache'() {
      await within(async (scope, { cache }) => {
        const id = token(scope);
        expect(await cache.write(noted, { id }, async () => `${tenant.id} ${id}`)).toBe(`${tenant.id} ${id}`);
        expect(await cache.read(noted, { id })).toBe(`${tenant.id} ${id}`);
        await cache.writeBehind(noted, { id }, `${tenant.id} ${id}`);
        await cache.writeBehind(noted, { id }, `${tenant.id} ${id}`, (current) => {
          expect(current).toBe(`${tenant.id} ${id}`);
        });
        expect(await cache.read(noted, { id })).toBe(`${tenant.id} ${id}`);
        const { redis, system, store } = scope;
        await flushWrites({ redis, system, sealer: null, store }, noted);
        expect(await cache.read(noted, { id })).toBe(`${tenant.id} ${id}`);
      });
    },
    async 'counting and reading active users'() {
      await within(async (scope) => {
        const usage = createUsage({ now: () => scope.system.now(), hmac: (text) => text });
        usage.note(tenant.id, token(scope));
        await usage.flush(scope.redis);
        const offsets = [{ from: 0, offsetMs: 0 }];
        await setUsageZone(scope.redis, tenant.id, offsets);
        const now = scope.system.now();
        const today = new Date(now).toISOString().slice(0, 10);
        await readUsage(scope.redis, { tenant: tenant.id, now, today, offsets, user: null });
      });
    },
    async 'a write that fails'() {
      await within(async (scope, own) => {
        const writing = own.commit(
          async () => {
            throw new RangeError('This write fails');
          },
          { markFirst: [tag('reply-noted', token(scope))] },
        );
        await expect(writing).rejects.toThrow(RangeError);
      });
    },
    async 'invalidation, forgetting and inspection'() {
      await within(async (scope, { cache }) => {
        const id = token(scope);
        await cache.read(noted, { id });
        await cache.inspect(noted, { id });
        await cache.invalidate(tag('reply-noted', id));
        await cache.invalidateSoftly(tag('reply-noted', id));
        await cache.forget(noted, { id });
        await cache.forgetMatching('reply-noted:*');
      });
    },
    async 'plain values'() {
      await within(async (scope, { cache: { store } }) => {
        const name = token(scope);
        await store.set(name, { a: 1 }, '1m');
        expect([{ a: 1 }, undefined]).toContainEqual(await store.get(name));
        expect(await store.mget([name, `${name}:none`])).toHaveLength(2);
        await store.mset({ [`${name}:2`]: 2 });
        await store.setnx(name, 1, '1m');
        await store.ttl(name);
        await store.expire(name, '1m');
        await store.exists(name);
        await store.increment(`${name}:n`);
        await store.decrement(`${name}:n`);
        await store.delete(name);
        await store.mdelete([name]);
        for await (const names of store.scan(`${name}:*`)) expect(names).toBeInstanceOf(Array);
        await store.invalidatePattern(`${name}:*`);
      });
    },
    async 'a session from sign-in to revocation'() {
      await within(async (scope, own) => {
        const made = await session(scope, own);
        await ask('/auth/session', { key: null, headers: { cookie: `__Host-session=${made.token}` } });
        clock.ahead += 30 * 60_000;
        await own.sessions.validate(presentedIn(made.session, made.token));
      });
      await within(async (scope, own) => {
        const { session: first } = await session(scope, own);
        await own.sessions.update(first, { theme: 'dark' });
        await own.sessions.list(userId, first);
        const rotated = await own.sessions.rotate(first);
        if (rotated.kind === 'rotated') await own.sessions.revokeOthers(rotated.session);
        await own.sessions.revoke({ userId: userId, id: first.id });
        await own.sessions.revokeAll(userId);
        await own.sessions.revokeTenant();
      });
    },
    async 'tokens of clients'() {
      await within(async (_scope, own) => {
        const epochs = await own.sessions.readEpochs(userId);
        const issued = await own.tokens.issue(signIn, epochs);
        if (issued.kind !== 'created') throw new Refused(issued.kind);
        const { accessToken, refreshToken } = issued.tokens;
        await ask('/auth/session', { key: accessToken });
        const response = await ask('/auth/refresh', { method: 'POST', key: null, json: { refreshToken } });
        expect([200, 401, 429, 503]).toContain(response.status);
        await ask('/auth/revoke', { method: 'POST', key: null, json: { refreshToken } });
      });
    },
    async 'audited reads of a session and of an API key, and their drain'() {
      await within(async (scope, own) => {
        const { requestId } = scope;
        const made = await session(scope, own);
        await ask(`/users/${userId}`, { key: null, headers: { cookie: `__Host-session=${made.token}` } });
        await ask(`/users/${userId}`);
        const read = { action: 'user.read', entity: { type: 'user' }, outcome: 'refused', at: 0, requestId } as const;
        await appendRead(scope.redis, { tenant: tenant.id, read, most: 100_000 });
        await drainReads(scope, tenant.id);
      });
    },
    async 'a one-time code'() {
      await within(async ({ codes, system }) => {
        const identifier = `${system.token()}@people.example`;
        const issued = await codes.issue({ purpose: 'test', identifier, context: 'own', asker: 'asker' });
        if (issued.kind !== 'code') throw new Refused(issued.kind);
        const guess = { purpose: 'test', challenge: issued.challenge };
        await codes.verify({ ...guess, code: 'wrong' });
        const verified = await codes.verify({ ...guess, code: issued.code });
        if (verified.kind === 'ok') expect(verified).toEqual({ kind: 'ok', identifier, context: 'own' });
        const link = system.token();
        await codes.openLink({ purpose: 'test', identifier, link });
        await codes.verify({ ...guess, code: link });
      });
    },
    async 'second looks at what Redis may have forgotten'() {
      await within(async ({ redis, system, log }) => {
        const version = versionKey(tenant.id, tag('reply-second-look'));
        const invalidator = createInvalidator(redis, system);
        await invalidator.settle([version], 'writer');
        await invalidator.endUnless(new Map([[version, { version: '', writers: ['writer'] }]]));
        const revocations: Revocation[] = [
          { what: 'user', buckets: ['none'], epoch: '', at: system.now() },
          { what: 'tenant', before: system.token(), epoch: system.token() },
        ];
        const entries = revocations.map((payload, at) => ({ id: `r${at}`, tenant: tenant.id, payload }));
        for (const outcome of await revocationHandler({ redis, log })(entries)) {
          if (outcome.status === 'rejected') throw outcome.reason;
        }
      });
    },
    async 'limits of every kind'() {
      await within(async (scope) => {
        const limiter = createLimiter({ ...scope, memory: createLimitMemory() });
        const subject = { tenant: tenant.id, ip: '2001:db8::1', user: token(scope) };
        for (const window of [sliding(2, '1m'), fixed(2, '1m'), bucket({ capacity: 2, refill: 1, every: '1m' })]) {
          const closed = rule(`reply-${window.kind}`, { window, by: 'user', whenDown: 'closed' });
          for (let time = 0; time < 3; time += 1) {
            const verdict = await limiter.check([closed], subject);
            if (time === 2) expect(verdict.allowed).toBe(false);
            if (time === 0) await limiter.refund(verdict);
            if (time === 0) await limiter.check([closed], subject);
          }
          await limiter.reset(closed, subject);
        }
      });
    },
    async 'a lock and a call that happens once'() {
      await within(async (scope) => {
        const services = { redis: scope.redis, system: scope.system, tenant: tenant.id, after: scope.after };
        const name = token(scope);
        await withLock(services, name, { lease: '10s', wait: '1s' }, async ({ renew, fence }) => {
          expect(fence).toBeGreaterThan(0);
          await renew();
          await expect(withLock(services, name, {}, async () => undefined)).rejects.toMatchObject({
            code: expect.stringMatching(/^LOCK_/),
          });
        });
        const call = { id: [name], request: ['one'] };
        for (let time = 0; time < 2; time += 1) {
          const outcome = await once(services, call, async () => 'own');
          if (outcome.kind === 'done' || outcome.kind === 'repeated') expect(outcome.result).toBe('own');
        }
        await once(services, { ...call, request: ['two'] }, async () => 'own');
      });
    },
    async 'the circuit of a third party'() {
      await within(async ({ redis, system, log, after }) => {
        const circuit = createCircuit(
          { redis, system, log, after, memory: createCircuitMemory() },
          { name: `reply-${system.token()}`, threshold: 2, freshFor: '1ms' },
        );
        for (let time = 0; time < 3; time += 1) {
          clock.ahead += 5;
          await expect(circuit.call(() => Promise.reject(new RangeError('down')))).rejects.toMatchObject({
            code: expect.stringMatching(/^OUTBOUND_/),
          });
        }
      });
    },
  } satisfies Record<string, () => Promise<void>>;
  return new Map(
    Object.entries({
      ...operations,
      ...jobOperationsOf(world),
      ...streamOperationsOf(world),
      ...cacheOperationsOf(world),
      ...documentOperationsOf(world),
      ...feedOperationsOf(world),
    }),
  );
}

function presentedIn({ tenant, bucket, sid }: { tenant: string; bucket: string; sid: string }, text: string) {
  return { tenant, bucket, sid, secret: text.split('.').at(-1) ?? '' };
}
