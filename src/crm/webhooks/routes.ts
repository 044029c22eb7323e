/** `/webhooks`: servers that receive events. A webhook's secret is shown once, when the webhook is created. */
import { z } from '@hono/zod-openapi';
import {
  changesSchema,
  createRouter,
  idSchema,
  invalidField,
  momentSchema,
  notFound,
  ProblemError,
  type Scope,
} from '../../platform/http/index.ts';
import { command, oneSchema, view } from '../../platform/rest/index.ts';
import { refusalOf } from './address.ts';
import { secretContext } from './job.ts';

export const webhookRoutes = createRouter();
/** The maximum number of webhooks of a tenant. More webhooks would slow down every write. */
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

const all = { path: '/webhooks', tag: 'Webhooks', access: 'users:manage' } as const;
const one = { ...all, path: '/webhooks/{id}', params: oneSchema } as const;

command(webhookRoutes, {
  ...all,
  id: 'webhooks.create',
  summary: 'Create a webhook',
  description: 'Deliveries follow Standard Webhooks. Failed deliveries are retried for about a day.',
  secretAnswer: true,
  body: newWebhookSchema,
  answer: addedSchema,
  location: ({ id }) => `/webhooks/${id}`,
  effect: 'The webhook, with its secret',
  async run({ body: { url, events } }, { scope, tenant }) {
    requirePublic(scope, url);
    const { sealer, system } = scope;
    if (!sealer) throw new ProblemError(503, 'SEAL_KEYS', 'Webhooks need SEAL_KEYS to be set');
    const secret = `whsec_${Buffer.from(system.secret(), 'base64url').toString('base64')}`;
    const webhook = await tenant.commit(async (tx) => {
      const { db } = tx;
      const id = system.rowId('webhook');
      const sealedSecret = await sealer.seal(secret, secretContext(tenant.tenant, id));
      const createdAt = new Date(system.now());
      if ((await db.webhook.count({ where: { tenantId: tenant.tenant } })) >= MOST) {
        throw new ProblemError(409, 'TOO_MANY_WEBHOOKS', `The tenant already has ${MOST} webhooks`);
      }
      await db.webhook.create({ data: { tenantId: tenant.tenant, id, url, events, sealedSecret, createdAt } });
      await tx.audit({ action: 'webhook.created', entity: entityOf(id), data: { host: hostOf(url), events } });
      return toWebhook({ id, url, events, createdAt });
    });
    return { ...webhook, secret };
  },
});

view(webhookRoutes, {
  ...all,
  id: 'webhooks.list',
  summary: 'List webhooks',
  answer: z.object({ items: z.array(webhookSchema) }),
  async load(_input, { tenant }) {
    const where = { tenantId: tenant.tenant };
    const rows = await (await tenant.db()).webhook.findMany({ where, orderBy: { id: 'asc' } });
    return { items: rows.map(toWebhook) };
  },
});

command(webhookRoutes, {
  ...one,
  id: 'webhooks.update',
  method: 'patch',
  summary: 'Update a webhook',
  description: 'The secret and fields left out stay unchanged. Waiting deliveries go to the new address.',
  body: webhookChangesSchema,
  answer: webhookSchema,
  effect: 'The updated webhook',
  problems: [404],
  async run({ params, body: { url, events } }, { scope, tenant }) {
    if (url !== undefined) requirePublic(scope, url);
    const where = { tenantId: tenant.tenant, id: params.id };
    const data = { ...(url === undefined ? {} : { url }), ...(events === undefined ? {} : { events }) };
    return tenant.commit(async (tx) => {
      const [row] = await tx.db.webhook.updateManyAndReturn({ where, data });
      if (!row) throw notFound('webhook');
      const details = { host: hostOf(row.url), events: row.events };
      await tx.audit({ action: 'webhook.updated', entity: entityOf(row.id), data: details });
      return toWebhook(row);
    });
  },
});

command(webhookRoutes, {
  ...one,
  id: 'webhooks.delete',
  method: 'delete',
  summary: 'Delete a webhook',
  effect: 'Deleted',
  problems: [404],
  async run({ params }, { tenant }) {
    const where = { tenantId: tenant.tenant, id: params.id };
    await tenant.commit(async (tx) => {
      const { count } = await tx.db.webhook.deleteMany({ where });
      if (count === 0) throw notFound('webhook');
      await tx.audit({ action: 'webhook.deleted', entity: entityOf(params.id) });
    });
  },
});

/**
 * Checks the address of a webhook.
 * @throws {ProblemError} 400 if a webhook may not have this address.
 */
function requirePublic({ environment }: Pick<Scope, 'environment'>, url: string): void {
  const message = refusalOf(url, environment.HOLDFAST_MODE === 'local');
  if (message !== null) throw invalidField('url', message);
}

/** The webhook, as entries of the audit trail name it. */
const entityOf = (id: string) => ({ type: 'webhook', id });

/** The part of an address that an entry of the audit trail shows: paths and queries often contain tokens. */
const hostOf = (url: string) => new URL(url).host;

/** Returns a webhook in the API's form, without its secret. */
function toWebhook({ id, url, events, createdAt }: { id: string; url: string; events: string[]; createdAt: Date }) {
  return { id, url, events, createdAt: createdAt.toISOString() };
}
