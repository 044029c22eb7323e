/**
 * The facts of a drill: each makes a piece of state before the break, and says in one word what became of it afterwards.
 * Together they show the natures of keys whose loss a person would notice, and the rows and messages beside Redis.
 */
import { z } from 'zod';
import { createAuditKeys, verifyTrail } from '../../src/platform/audit/index.ts';
import { readSharedStatistics } from '../../src/platform/cache/index.ts';
import { rule, sliding } from '../../src/platform/limits/index.ts';
import { once, withLock } from '../../src/platform/locks/index.ts';
import { signIn, signInForTokens } from './browser.ts';
import type { Fact } from './fact.ts';
import { jobFacts } from './job-facts.ts';

const quota = rule('drill', { window: sliding(10, '1d'), by: 'tenant', whenDown: 'open' });
const countSchema = z.object({ total: z.object({ count: z.number() }) });
const statusWord: Readonly<Record<number, string>> = { 200: 'valid', 401: 'ended', 503: 'unavailable' };

/** All facts, in the order in which they are made and looked at. */
export const facts = {
  'shown deals': {
    nature: 'cache',
    healthy: 'as in PostgreSQL',
    async make(world) {
      await world.addDeal();
      for (let time = 0; time < 2; time += 1) await world.request('/deals/pipeline');
      return async () => {
        const response = await world.request('/deals/pipeline');
        if (!response.ok) return String(response.status);
        const { total } = countSchema.parse(await response.json());
        const [row] = await world.ask<{ count: number }>(
          'SELECT count(*)::int AS count FROM deals WHERE tenant_id = $1',
          [world.tenant.id],
        );
        return total.count === row?.count ? 'as in PostgreSQL' : 'old';
      };
    },
  },
  'acknowledged writes': {
    nature: null,
    healthy: 'kept',
    async make(world) {
      return async () => {
        const rows = await world.ask<{ id: string }>('SELECT id FROM deals WHERE tenant_id = $1', [world.tenant.id]);
        const ids = new Set(rows.map(({ id }) => id));
        const lost = world.acknowledged.filter((id) => !ids.has(id));
        return lost.length === 0 ? 'kept' : `${lost.length} lost`;
      };
    },
  },
  'API key': {
    nature: 'cache',
    healthy: 'valid',
    async make(world) {
      return async () => statusWord[(await world.request('/deals?limit=1')).status] ?? 'wrong';
    },
  },
  session: {
    nature: 'session',
    healthy: 'valid',
    async make(world) {
      const browser = await signIn(world);
      return async () => statusWord[(await browser.request('/auth/session')).status] ?? 'wrong';
    },
  },
  'revoked session': {
    nature: 'session',
    healthy: 'ended',
    async make(world) {
      const browser = await signIn(world);
      await browser.request('/auth/sign-out', { method: 'POST' });
      return async () => statusWord[(await browser.request('/auth/session')).status] ?? 'wrong';
    },
  },
  'refresh token': {
    nature: 'session',
    healthy: 'valid',
    async make(world) {
      const refreshToken = await signInForTokens(world);
      return async () => {
        const { status } = await world.request('/auth/refresh', { json: { refreshToken }, headers: {} });
        return statusWord[status] ?? 'wrong';
      };
    },
  },
  limit: {
    nature: 'limit',
    healthy: 'counts on',
    async make(world) {
      const left = () =>
        world.within(async ({ limiter }) => {
          const verdict = await limiter.check([quota], { tenant: world.tenant.id, ip: undefined });
          return verdict.states[0]?.remaining ?? Number.NaN;
        });
      const before = await left();
      return async () => ((await left()) < before ? 'counts on' : 'begins again');
    },
  },
  fence: {
    nature: 'once',
    healthy: 'grows',
    async make(world) {
      const next = () =>
        world.within(({ redis, system, after }) =>
          withLock({ redis, system, after, tenant: world.tenant.id }, 'drill', {}, async ({ fence }) => fence),
        );
      const before = await next();
      return async () => ((await next()) > before ? 'grows' : 'falls');
    },
  },
  'repeated call': {
    nature: 'once',
    healthy: 'runs once',
    async make(world) {
      let runs = 0;
      const call = () =>
        world.within(({ redis, system }) =>
          once({ redis, system, tenant: world.tenant.id }, { id: ['drill'], request: ['charge'] }, async () => {
            runs += 1;
            return runs;
          }),
        );
      await call();
      return async () => {
        await call();
        return runs === 1 ? 'runs once' : 'runs again';
      };
    },
  },
  'repeated write': {
    nature: null,
    healthy: 'made once',
    async make(world) {
      const post = async () =>
        ((await (await world.addDeal({ 'idempotency-key': 'drill-1' })).json()) as { id?: string }).id;
      const first = await post();
      return async () => ((await post()) === first ? 'made once' : 'made again');
    },
  },
  draft: {
    nature: 'document',
    healthy: 'kept',
    async make(world) {
      const { userId } = world.tenant;
      const browser = await signIn(world);
      await browser.request('/me/drafts/drill', { method: 'PATCH', json: { title: userId } });
      return async () => {
        // The session may have ended: the draft belongs to the user.
        const next = await signIn(world);
        const { status } = await next.request('/me/drafts/drill');
        return status === 200 ? 'kept' : status === 404 ? 'lost' : String(status);
      };
    },
  },
  preferences: {
    nature: 'document',
    healthy: 'kept',
    async make(world) {
      const browser = await signIn(world);
      await browser.request('/me/preferences', { method: 'PATCH', json: { theme: 'dark' } });
      await browser.request('/me/preferences');
      return async () => {
        const response = await (await signIn(world)).request('/me/preferences');
        return ((await response.json()) as { theme?: string }).theme === 'dark' ? 'kept' : 'lost';
      };
    },
  },
  statistics: {
    nature: 'statistic',
    healthy: 'kept',
    async make(world) {
      const at = world.clock.now();
      await world.within(async ({ counters, redis }) => {
        counters.count('cache.sets', { query: 'drill' });
        await counters.flush(redis);
      });
      return async () => {
        const today = await world.within((scope) =>
          readSharedStatistics({ ...scope, system: { ...scope.system, now: () => at } }),
        );
        return today.get('drill')?.sets === 1 ? 'kept' : 'lost';
      };
    },
  },
  'audit trail': {
    nature: null,
    healthy: 'whole',
    async make(world) {
      const { id } = world.tenant;
      const entity = { type: 'tenant', id };
      await world.within((scope) => scope.tenant(id).commit((tx) => tx.audit({ action: 'tenant.updated', entity })));
      await world.minutes(1);
      return async () => {
        const publicKeys = await createAuditKeys(world.variables['AUDIT_SIGNING_KEYS'] ?? '').publicKeys();
        const { faults, entries } = await world.within(({ store, system }) =>
          verifyTrail(store, { tenantId: id, publicKeys, now: system.now() }),
        );
        return [...new Set(faults.map(({ code }) => code))].join(' ') || (entries > 0 ? 'whole' : 'empty');
      };
    },
  },
  ...jobFacts,
  // The last one, because a minute of another fact would flush the journal.
  'written behind': {
    nature: 'journal',
    healthy: 'kept',
    async make(world) {
      const settings = { filters: [], columns: ['title'], pageSize: 50 };
      await (await signIn(world)).request('/me/lists/drill', { method: 'PUT', json: settings });
      return async () => {
        await world.minutes(1);
        const rows = await world.ask(`SELECT list FROM list_settings WHERE tenant_id = $1 AND list = 'drill'`, [
          world.tenant.id,
        ]);
        return rows.length === 1 ? 'kept' : 'lost';
      };
    },
  },
} as const satisfies Record<string, Fact>;

/** The name of a fact. */
export type FactName = keyof typeof facts;
