/**
 * Mails the newest seal of each audit trail to the auditors of its tenant, once a day: a copy that a person who controls the
 * database cannot take back. A tenant without auditors has its owners mailed.
 */
import { z } from '@hono/zod-openapi';
import { markMailed, readHead, tenantsToMail } from '../platform/audit/index.ts';
import type { TenantScope } from '../platform/http/index.ts';
import { enqueue, forEachTenant, job, schedule } from '../platform/jobs/index.ts';
import { auditSeal } from '../platform/mail/index.ts';
import { mailTo } from './jobs.ts';

/** The largest number of receivers of a tenant. */
const MOST_RECEIVERS = 50;

export const mailAuditSeal = job('auth.mail.audit-seal', {
  input: z.object({ userId: z.string(), seal: z.int(), hash: z.string(), count: z.int(), sealedAt: z.string() }),
  run: ({ userId, ...seal }, context) =>
    mailTo(context, userId, (app, { tenant: { id: tenantId, name: organization } }) =>
      auditSeal(app, { organization, tenantId, ...seal, path: '/console/audit' }),
    ),
});

/** Each day at 06:00 UTC. The day of a mail is that of the tick, so a late run and a repeated one mail no day twice. */
export const mailAuditSeals = schedule('audit.mail', {
  cron: '0 6 * * *',
  timeout: '10m',
  async run({ tick, scope, signal, log }) {
    const day = new Date(tick).toISOString().slice(0, 10);
    const { store } = scope;
    const tenantsAfter = (after: string, limit: number) => tenantsToMail(store, day, after, limit);
    let mails = 0;
    const tenants = await forEachTenant(
      { scope: { tenantsAfter, tenant: (id) => scope.tenant(id) }, signal, log },
      async (tenant) => {
        const head = await readHead(store, tenant.tenant);
        if (!head) return;
        const { seal, hash, count, sealedAt } = head;
        const receivers = await receiversOf(tenant);
        await tenant.commit(async (tx) => {
          if (!(await markMailed(tx, day, seal))) return;
          for (const userId of receivers) {
            await enqueue(tx, mailAuditSeal, { userId, seal, hash, count, sealedAt });
          }
          mails += receivers.length;
        });
      },
    );
    return tenants > 0 ? { tenants, mails } : undefined;
  },
});

/** Returns the auditors of a tenant, or else its owners: users who have proven their address or signed in. */
async function receiversOf(tenant: Pick<TenantScope, 'tenant' | 'db'>): Promise<string[]> {
  const client = await tenant.db();
  for (const role of ['auditor', 'owner'] as const) {
    const users = await client.user.findMany({
      where: {
        ...{ tenantId: tenant.tenant, role, disabledAt: null },
        OR: [{ verifiedAt: { not: null } }, { lastActiveAt: { not: null } }],
      },
      orderBy: { id: 'asc' },
      take: MOST_RECEIVERS,
      select: { id: true },
    });
    if (users.length > 0) return users.map(({ id }) => id);
  }
  return [];
}
