/**
 * Switches a webhook off whose receiver is gone, or has failed for days, and tells its owner by mail and in the inbox.
 * The owner is the user who made the webhook, or whose API key made it. If this user is gone, the owners of the tenant
 * are told.
 */
import { z } from 'zod';
import { mailTo } from '../../identity/index.ts';
import { addNotifications } from '../../inbox/index.ts';
import type { Transaction } from '../../platform/db/index.ts';
import type { TenantScope } from '../../platform/http/index.ts';
import { enqueueMany, job } from '../../platform/jobs/index.ts';
import { letter, shown } from '../../platform/mail/index.ts';

/** Why a webhook is switched off: its receiver answered 410, it failed for days, or an administrator switched it off. */
export const disabledReasons = ['gone', 'failing', 'requested'] as const;

/** How long a webhook may fail without one success, in ms: five days. */
const LONGEST_FAILURE_MS = 5 * 86_400_000;

/** The reasons for which a delivery switches its webhook off. */
type Cause = Exclude<(typeof disabledReasons)[number], 'requested'>;

/** Returns whether a webhook that fails since `failingSince` has failed for too long. */
export function hasFailedTooLong(failingSince: Date | null, now: number): boolean {
  return failingSince !== null && now - failingSince.getTime() >= LONGEST_FAILURE_MS;
}

/** Switches a webhook off, unless it is off already or, for `failing`, a delivery has succeeded meanwhile. */
export function switchOff({ commit }: Pick<TenantScope, 'commit'>, id: string, reason: Cause): Promise<void> {
  return commit(async (tx) => {
    const now = tx.system.now();
    const where = { tenantId: tx.tenant, id, disabledAt: null };
    const failing = reason === 'failing' ? { failingSince: { lte: new Date(now - LONGEST_FAILURE_MS) } } : {};
    const data = { disabledAt: new Date(now), disabledReason: reason };
    const [webhook] = await tx.db.webhook.updateManyAndReturn({ where: { ...where, ...failing }, data });
    if (!webhook) return;
    const { host } = new URL(webhook.url);
    await tx.audit({ action: 'webhook.disabled', entity: { type: 'webhook', id }, data: { host, reason } });
    const userIds = await ownersOf(tx, webhook.ownerId);
    const title = `Webhook ${host} was switched off: ${PAST[reason]}`;
    const details = { webhookId: id, host, reason };
    await addNotifications(
      tx,
      userIds.map((userId) => ({ userId, kind: 'webhook.disabled', title, data: details })),
    );
    await enqueueMany(
      tx,
      mailWebhookOff,
      userIds.map((userId) => ({ userId, host, reason })),
    );
  });
}

const PAST: Readonly<Record<Cause, string>> = {
  gone: 'its receiver answered 410 Gone',
  failing: 'every delivery failed for five days',
};

async function ownersOf({ db, tenant }: Transaction, ownerId: string | null): Promise<string[]> {
  const active = { tenantId: tenant, disabledAt: null };
  const select = { id: true, role: true } as const;
  const where = { ...active, OR: [{ id: ownerId ?? '' }, { role: 'owner' as const }] };
  const users = await db.user.findMany({ where, select, orderBy: { id: 'asc' } });
  const maker = users.filter(({ id }) => id === ownerId);
  return (maker.length > 0 ? maker : users).map(({ id }) => id);
}

/** Tells a user by mail that a webhook was switched off. */
export const mailWebhookOff = job('crm.mail.webhook-off', {
  input: z.object({ userId: z.string(), host: z.string(), reason: z.enum(disabledReasons).exclude(['requested']) }),
  run: ({ userId, host, reason }, context) =>
    mailTo(context, userId, (app, { tenant: { name } }) =>
      letter(app, `A webhook of ${shown(name)} was switched off`, [
        `The webhook to ${shown(host)} was switched off, because ${PAST[reason]}. It gets no more events.`,
        'When the receiver works again, switch the webhook on with PATCH /webhooks/{id} and { "disabled": false }. ' +
          'GET /webhooks/{id}/deliveries lists the deliveries of the last 30 days, and each can be sent again.',
      ]),
    ),
});
