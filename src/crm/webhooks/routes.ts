/** `/webhooks`: servers that receive events. A webhook's secret is shown once, when the webhook is created. */
import { z } from '@hono/zod-openapi';
import { lockRow, type Transaction } from '../../platform/db/index.ts';
import {
  type Caller,
  createRouter,
  etagOf,
  invalidField,
  notFound,
  ProblemError,
  type Scope,
} from '../../platform/http/index.ts';
import { command, isRequired, oneSchema, view } from '../../platform/rest/index.ts';
import { refusalOf } from './address.ts';
import {
  addedSchema,
  newWebhookSchema,
  rotatedSchema,
  toWebhook,
  webhookChangesSchema,
  webhookSchema,
} from './schema.ts';
import { MOST_EARLIER, newSecret, OVERLAP_MS, secretContext, stillSigning } from './secret.ts';

export const webhookRoutes = createRouter();
/** The maximum number of webhooks of a tenant. More webhooks would slow down every write. */
const MOST = 20;

const all = { path: '/webhooks', tag: 'Webhooks', access: 'users:manage' } as const;
const one = { ...all, path: '/webhooks/{id}', params: oneSchema } as const;

command(webhookRoutes, {
  ...all,
  id: 'webhooks.create',
  summary: 'Create a webhook',
  cost: { statements: 4 },
  description:
    'Deliveries follow Standard Webhooks. Failed deliveries are retried for about a day, or when `Retry-After` asks for ' +
    'it. A receiver that answers 410, or fails for five days, is switched off, and you get a mail.',
  secretAnswer: true,
  body: newWebhookSchema,
  answer: addedSchema,
  location: ({ id }) => `/webhooks/${id}`,
  effect: 'The webhook, with its secret',
  async run({ body: { url, events } }, { scope, tenant, caller }, c) {
    requirePublic(scope, url);
    const { system } = scope;
    const sealer = requireSealer(scope);
    const secret = newSecret(system);
    const webhook = await tenant.commit(async (tx) => {
      const { db } = tx;
      const id = system.rowId('webhook');
      const sealedSecret = await sealer.seal(secret, secretContext(tenant.tenant, id));
      const createdAt = new Date(system.now());
      if ((await db.webhook.count({ where: { tenantId: tenant.tenant } })) >= MOST) {
        throw new ProblemError(409, 'TOO_MANY_WEBHOOKS', `The tenant already has ${MOST} webhooks`);
      }
      const ownerId = await makerOf(tx, caller);
      const data = { tenantId: tenant.tenant, id, url, events, sealedSecret, ownerId, createdAt };
      const row = await db.webhook.create({ data });
      await tx.audit({ action: 'webhook.created', entity: entityOf(id), data: { host: hostOf(url), events } });
      return toWebhook(row);
    });
    // The ETag is that of the webhook as GET shows it, without the secret.
    c.header('etag', etagOf(JSON.stringify(webhook)));
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

view(webhookRoutes, {
  ...one,
  id: 'webhooks.get',
  summary: 'Get a webhook',
  answer: webhookSchema,
  missing: 'webhook',
  async load({ id }, { tenant }) {
    const row = await (await tenant.db()).webhook.findUnique({ where: keyOf(tenant, id) });
    return row && toWebhook(row);
  },
});

command(webhookRoutes, {
  ...one,
  id: 'webhooks.update',
  method: 'patch',
  summary: 'Update a webhook',
  cost: { statements: 4 },
  description:
    'The secret and fields left out stay unchanged. Waiting deliveries go to the new address. `disabled: false` switches ' +
    'a webhook on again.',
  body: webhookChangesSchema,
  answer: webhookSchema,
  effect: 'The updated webhook',
  tagged: true,
  changes: rowOf,
  problems: [404],
  async run({ params, body: { url, events, disabled } }, { scope, tenant }) {
    if (url !== undefined) requirePublic(scope, url);
    const fields = { ...(url === undefined ? {} : { url }), ...(events === undefined ? {} : { events }) };
    return tenant.commit(async (tx) => {
      const before = await lockWebhook(tx, params.id);
      const state = switched(before.disabledAt !== null, disabled, tx.system.now());
      const row = await tx.db.webhook.update({ where: keyOf(tx, params.id), data: { ...fields, ...state } });
      const details = { host: hostOf(row.url), events: row.events, ...(disabled === undefined ? {} : { disabled }) };
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
  cost: { statements: 4 },
  effect: 'Deleted',
  changes: rowOf,
  problems: [404],
  async run({ params: { id } }, { tenant }) {
    await tenant.commit(async (tx) => {
      await lockWebhook(tx, id);
      await tx.db.webhook.delete({ where: keyOf(tx, id) });
      await tx.audit({ action: 'webhook.deleted', entity: entityOf(id) });
    });
  },
});

command(webhookRoutes, {
  ...one,
  id: 'webhooks.rotateSecret',
  path: '/webhooks/{id}/rotate-secret',
  summary: 'Rotate the secret of a webhook',
  cost: { statements: 3 },
  description:
    'The new secret is shown only in this answer. For a day, the old secret signs too: `webhook-signature` then has a ' +
    `signature of each, separated by blanks. At most ${MOST_EARLIER} old secrets sign at a time.`,
  secretAnswer: true,
  answer: rotatedSchema,
  effect: 'The new secret',
  problems: [404],
  async run({ params: { id } }, { scope, tenant }) {
    const sealer = requireSealer(scope);
    const secret = newSecret(scope.system);
    const sealedSecret = await sealer.seal(secret, secretContext(tenant.tenant, id));
    const until = await tenant.commit(async (tx) => {
      // The lock makes rotations at the same time wait for each other, so that no secret is lost.
      const [row] = await tx.db.$queryRaw<{ sealedSecret: string; earlierSecrets: unknown }[]>`
        SELECT sealed_secret AS "sealedSecret", earlier_secrets AS "earlierSecrets" FROM webhooks
        WHERE tenant_id = ${tx.tenant} AND id = ${id} FOR UPDATE`;
      if (!row) throw notFound('webhook');
      const now = tx.system.now();
      const earlier = stillSigning(row.earlierSecrets, now);
      if (earlier.length >= MOST_EARLIER) {
        throw new ProblemError(409, 'TOO_MANY_SECRETS', `${MOST_EARLIER} old secrets of this webhook still sign`);
      }
      const until = now + OVERLAP_MS;
      const data = { sealedSecret, earlierSecrets: [...earlier, { sealed: row.sealedSecret, until }] };
      await tx.db.webhook.update({ where: keyOf(tx, id), data });
      await tx.audit({ action: 'webhook.secret_rotated', entity: entityOf(id) });
      return until;
    });
    return { id, secret, oldSecretUntil: new Date(until).toISOString() };
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

const keyOf = ({ tenant }: { tenant: string }, id: string) => ({ tenantId_id: { tenantId: tenant, id } });

/** Names a webhook in conditions of callers. */
function rowOf({ id }: { id: string }) {
  return { kind: 'webhook', id };
}

/**
 * Locks and returns a webhook.
 * @throws {ProblemError} 404 if it does not exist; 412 if the caller requires another state.
 */
async function lockWebhook(tx: Transaction, id: string) {
  const found = await lockRow(tx.db, 'webhooks', tx.tenant, id);
  const row = found ? await tx.db.webhook.findUnique({ where: keyOf(tx, id) }) : null;
  if (!row) throw notFound('webhook');
  if (isRequired(tx.precondition, rowOf({ id }))) tx.precondition.check(toWebhook(row));
  return row;
}

/** The webhook, as entries of the audit trail name it. */
const entityOf = (id: string) => ({ type: 'webhook', id });

/** The part of an address that an entry of the audit trail shows: paths and queries often contain tokens. */
const hostOf = (url: string) => new URL(url).host;

/**
 * Returns the sealer of secrets.
 * @throws {ProblemError} 503 without SEAL_KEYS.
 */
function requireSealer({ sealer }: Pick<Scope, 'sealer'>) {
  if (!sealer) throw new ProblemError(503, 'SEAL_KEYS', 'Webhooks need SEAL_KEYS to be set');
  return sealer;
}

/** Returns the owner of a webhook: the caller, or the user who made the caller's API key. */
async function makerOf({ db, tenant }: Transaction, { userId, kind, id }: Caller): Promise<string | null> {
  if (userId !== null || kind !== 'api-key') return userId;
  const where = { tenantId_id: { tenantId: tenant, id } };
  return (await db.apiKey.findUnique({ where, select: { madeByUser: true } }))?.madeByUser ?? null;
}

/** Returns the columns that a change of `disabled` sets. A webhook that is off already keeps its reason. */
function switched(isOff: boolean, disabled: boolean | undefined, now: number) {
  if (disabled === undefined || (isOff && disabled)) return {};
  return disabled
    ? { disabledAt: new Date(now), disabledReason: 'requested' }
    : { disabledAt: null, disabledReason: null, failingSince: null };
}
