/** `/webhooks`: servers that receive events. A webhook's secret is shown once, when the webhook is created. */
import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import {
  type AppEnv,
  changesSchema,
  createRouter,
  guarded,
  idSchema,
  json,
  jsonBody,
  momentSchema,
  notFound,
  ProblemError,
  problems,
} from '../../platform/http/index.ts';
import { oneSchema } from '../view.ts';
import { refusalOf } from './address.ts';
import { secretContext } from './job.ts';

export const webhookRoutes = createRouter();
const tags = ['Webhooks'];
const access = 'users:manage';
/** The most webhooks of a tenant: more would slow down every write. */
const MOST = 20;

const fields = {
  url: z.url().max(2000).openapi({ example: 'https://hooks.example.com/crm' }),
  events: z
    .array(z.string().regex(/^(\*|[a-z]+\.[a-z]+)$/, 'must be a type such as deal.won, or *'))
    .min(1)
    .max(50)
    .openapi({ example: ['deal.won'] }),
};
const newWebhookSchema = z.strictObject(fields).openapi('NewWebhook');
const webhookChangesSchema = changesSchema(z.strictObject(fields)).openapi('WebhookChanges');
const webhookSchema = z.object({ id: idSchema, ...fields, createdAt: momentSchema }).openapi('Webhook');
const addedSchema = webhookSchema
  .extend({ secret: z.string().openapi({ description: 'Signs the deliveries, as in Standard Webhooks.' }) })
  .openapi('AddedWebhook');

const add = createRoute(
  guarded(
    { access, secretAnswer: true },
    {
      method: 'post',
      path: '/webhooks',
      tags,
      summary: 'Create a webhook',
      description: 'Deliveries follow Standard Webhooks. Failed deliveries are retried for about a day.',
      request: { body: jsonBody(newWebhookSchema) },
      responses: { 201: json(addedSchema, 'The webhook, with its secret'), ...problems(400, 409, 415, 503) },
    },
  ),
);
webhookRoutes.openapi(add, async (c) => {
  const { url, events } = c.req.valid('json');
  const { scope, tenant } = c.var;
  requirePublic(c, url);
  const { sealer, system } = scope;
  if (!sealer) throw new ProblemError(503, 'SEAL_KEYS', 'Webhooks need SEAL_KEYS to be set');
  const secret = `whsec_${Buffer.from(system.secret(), 'base64url').toString('base64')}`;
  const webhook = await tenant.commit(async ({ db }) => {
    const id = system.rowId('webhook');
    const sealedSecret = await sealer.seal(secret, secretContext(tenant.tenant, id));
    const createdAt = new Date(system.now());
    if ((await db.webhook.count({ where: { tenantId: tenant.tenant } })) >= MOST) {
      throw new ProblemError(409, 'TOO_MANY_WEBHOOKS', `The tenant already has ${MOST} webhooks`);
    }
    await db.webhook.create({ data: { tenantId: tenant.tenant, id, url, events, sealedSecret, createdAt } });
    return toWebhook({ id, url, events, createdAt });
  });
  const headers = { location: `/webhooks/${webhook.id}`, 'cache-control': 'no-store' };
  return c.json({ ...webhook, secret }, 201, headers);
});

const list = createRoute(
  guarded(
    { access },
    {
      method: 'get',
      path: '/webhooks',
      tags,
      summary: 'List webhooks',
      responses: { 200: json(z.object({ items: z.array(webhookSchema) }), 'All webhooks') },
    },
  ),
);
webhookRoutes.openapi(list, async (c) => {
  const { tenant, db } = c.var.tenant;
  const rows = await (await db()).webhook.findMany({ where: { tenantId: tenant }, orderBy: { id: 'asc' } });
  return c.json({ items: rows.map(toWebhook) }, 200);
});

const change = createRoute(
  guarded(
    { access },
    {
      method: 'patch',
      path: '/webhooks/{id}',
      tags,
      summary: 'Update a webhook',
      description: 'The secret and fields left out stay unchanged. Waiting deliveries go to the new address.',
      request: { params: oneSchema, body: jsonBody(webhookChangesSchema) },
      responses: { 200: json(webhookSchema, 'The updated webhook'), ...problems(400, 404, 409, 415) },
    },
  ),
);
webhookRoutes.openapi(change, async (c) => {
  const { url, events } = c.req.valid('json');
  const { tenant, commit } = c.var.tenant;
  if (url !== undefined) requirePublic(c, url);
  const where = { tenantId: tenant, id: c.req.valid('param').id };
  const data = { ...(url === undefined ? {} : { url }), ...(events === undefined ? {} : { events }) };
  const [row] = await commit(({ db }) => db.webhook.updateManyAndReturn({ where, data }));
  if (!row) throw notFound('webhook');
  return c.json(toWebhook(row), 200);
});

const remove = createRoute(
  guarded(
    { access },
    {
      method: 'delete',
      path: '/webhooks/{id}',
      tags,
      summary: 'Delete a webhook',
      request: { params: oneSchema },
      responses: { 204: { description: 'Deleted' }, ...problems(400, 404, 409) },
    },
  ),
);
webhookRoutes.openapi(remove, async (c) => {
  const { tenant, commit } = c.var.tenant;
  const where = { tenantId: tenant, id: c.req.valid('param').id };
  const { count } = await commit(({ db }) => db.webhook.deleteMany({ where }));
  if (count === 0) throw notFound('webhook');
  return c.body(null, 204);
});

/** @throws {ProblemError} 400 if a webhook may not have this address. */
function requirePublic(c: Context<AppEnv>, url: string): void {
  const message = refusalOf(url, c.get('scope').environment.HOLDFAST_MODE === 'local');
  if (message === null) return;
  throw new ProblemError(400, 'VALIDATION_FAILED', 'Check these fields: url', { fields: [{ field: 'url', message }] });
}

/** A webhook as the API returns it, without its secret. */
function toWebhook({ id, url, events, createdAt }: { id: string; url: string; events: string[]; createdAt: Date }) {
  return { id, url, events, createdAt: createdAt.toISOString() };
}
