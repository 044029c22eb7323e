/** An application outside of the repository: everything it knows of Holdfast comes from the installed package. */

import { createHoldfast, type HoldfastScope, type HoldfastTenant, type OpenDatabase } from 'holdfast';
import { type LoadContext, query } from 'holdfast/cache';
import { gate, sessionCredentials } from 'holdfast/http';
import { createJobs, createRefusals, enqueue, job, jobRoutes } from 'holdfast/jobs';
import { limitProblem, rule, sliding } from 'holdfast/limits';
import { tag } from 'holdfast/redis';
import { type Session, serializeSessionCookie } from 'holdfast/sessions';
import type { SqlStore } from 'holdfast/sql';
import { type Context, Hono } from 'hono';
import type { PoolClient } from 'pg';
import { z } from 'zod';

/** The services of this application's loaders. */
interface Loading extends LoadContext {
  store: SqlStore<PoolClient>;
}
type Scope = HoldfastScope<PoolClient, Loading>;

declare module 'holdfast/jobs' {
  interface JobTypes {
    scope: Scope;
    tenant: HoldfastTenant<PoolClient, Loading>;
  }
}

interface Env {
  Variables: { scope: Scope; caller: Session };
}
type AppContext = Context<Env>;

/** The settings of the application, as both platforms give them. */
export interface Settings {
  REDIS_REST_URL: string;
  REDIS_REST_TOKEN: string;
  QSTASH_URL: string;
  QSTASH_TOKEN: string;
  QSTASH_CURRENT_SIGNING_KEY: string;
  QSTASH_NEXT_SIGNING_KEY: string;
  APP_URL: string;
  AUTH_KEYS: string;
}

const TENANT = 'acme';
const invoiceTag = (id: string) => tag('invoice', id);

const invoiceById = query('invoice', {
  ttl: '1h',
  tags: ({ id }: { id: string }) => [invoiceTag(id)],
  async load({ id }, { tenant, store }: Loading) {
    const [row] = await store.query<{ total: number; sent: boolean }>(
      'SELECT total, sent FROM invoices WHERE tenant_id = $1 AND id = $2',
      [tenant, id],
    );
    return row ?? null;
  },
});

const sendInvoice = job('invoice.send', {
  input: z.object({ id: z.string() }),
  async run({ id }, { transaction, tenant }) {
    await transaction('sent', async (tx) => {
      await tx.db.query('UPDATE invoices SET sent = true WHERE tenant_id = $1 AND id = $2', [tenant.tenant, id]);
      tx.invalidate(invoiceTag(id));
    });
  },
});

const requestsPerUser = rule('requests', { window: sliding(1000, '1h'), by: 'user', whenDown: 'open' });
const exportsPerAddress = rule('exports', { window: sliding(2, '1h'), by: 'ip', whenDown: 'open' });

/** Makes the application. `openDatabase` opens the database of one request. */
export function createApp(settings: Settings, openDatabase: () => OpenDatabase<PoolClient>) {
  const holdfast = createHoldfast<PoolClient, Loading>({
    redis: { url: settings.REDIS_REST_URL, token: settings.REDIS_REST_TOKEN, timeoutMs: 30_000 },
    database: openDatabase,
    context: (tenant, store) => ({ tenant, store }),
    authKeys: settings.AUTH_KEYS,
    qstash: {
      url: settings.QSTASH_URL,
      token: settings.QSTASH_TOKEN,
      currentSigningKey: settings.QSTASH_CURRENT_SIGNING_KEY,
      nextSigningKey: settings.QSTASH_NEXT_SIGNING_KEY,
      deliverTo: settings.APP_URL,
    },
  });
  const app = new Hono<Env>();
  app.use(holdfast.middleware());
  app.route('/', jobRoutes(createJobs([sendInvoice]), createRefusals()));

  app.post('/invoices/:id', async (c) => {
    const { tenant, commit } = c.var.scope.tenant(TENANT);
    const id = c.req.param('id');
    const jobId = await commit(async (tx) => {
      await tx.db.query('INSERT INTO invoices (tenant_id, id, total) VALUES ($1, $2, 250)', [tenant, id]);
      tx.invalidate(invoiceTag(id));
      return enqueue(tx, sendInvoice, { id });
    });
    return c.json({ jobId }, 201);
  });

  app.get('/invoices/:id', async (c) => {
    const { scope } = c.var;
    const invoice = await scope.tenant(TENANT).cache.read(invoiceById, { id: c.req.param('id') });
    const { requests, commands } = scope.redisMeter;
    return c.json({ invoice, outcome: scope.reads[0]?.outcome, requests, commands });
  });

  app.post('/sign-in', async (c) => {
    const { sessions } = c.var.scope.tenant(TENANT);
    const created = await sessions.create(
      { userId: 'user_1', role: 'owner', methods: ['pwd'] },
      await sessions.readEpochs('user_1'),
    );
    if (created.kind !== 'created') return c.json({ kind: created.kind }, 409);
    return c.json({ kind: created.kind }, 201, { 'set-cookie': serializeSessionCookie(created.token) });
  });

  const signedIn = gate({
    credentials: (c: AppContext) =>
      sessionCredentials(c.req.header('cookie'), (tenant) => c.var.scope.tenant(tenant).sessions),
    limits: [requestsPerUser],
    prefetch: (c, tenant) => c.var.scope.tenant(tenant).cache.prefetch(invoiceById, { id: c.req.param('id') ?? '' }),
  });
  app.get('/me/invoices/:id', signedIn, async (c) => {
    const { scope, caller } = c.var;
    const invoice = await scope.tenant(caller.tenant).cache.read(invoiceById, { id: c.req.param('id') });
    return c.json({ userId: caller.userId, invoice, requests: scope.redisMeter.requests });
  });

  app.get('/exports', async (c) => {
    const subject = { tenant: TENANT, ip: c.req.header('x-address') ?? '' };
    const problem = limitProblem(await c.var.scope.limiter.check([exportsPerAddress], subject));
    return problem ? c.json({ code: problem.code }, problem.status, problem.headers) : c.json({ exported: true });
  });

  app.post('/report', async (c) => {
    const fence = await c.var.scope.tenant(TENANT).withLock('report', { lease: '10s' }, async (held) => held.fence);
    return c.json({ fence });
  });
  return app;
}
