/** Deletes abandoned sign-ups. */
import type { PrismaClient } from '../platform/db/index.ts';
import { schedule } from '../platform/jobs/index.ts';

/** How long a sign-up may stay unproven, in ms. */
const WAITS_MS = 7 * 86_400_000;
const AT_A_TIME = 200;

/**
 * Deletes tenants whose sign-up was never completed. Such a tenant has no data except a single owner, who has never
 * proven the address and never signed in. The tenant's name can then be used again.
 */
export const forgetSignUps = schedule('auth.forget-sign-ups', {
  cron: '40 3 * * *',
  timeout: '10m',
  async run({ scope, signal, log }) {
    const client = await scope.database.client();
    const before = new Date(scope.system.now() - WAITS_MS);
    let forgotten = 0;
    for (let after = ''; ; ) {
      const tenants = await abandoned(client, before, after);
      for (const { id } of tenants) {
        signal.throwIfAborted();
        if (!(await forget(client, id))) continue;
        forgotten += 1;
        log.info('auth.sign_up_forgotten', { tenant: id });
      }
      const last = tenants.at(-1);
      if (!last || tenants.length < AT_A_TIME) return { forgotten };
      after = last.id;
    }
  },
});

const NOTHING = { none: {} } as const;
const NEVER_CAME = { verifiedAt: null, lastActiveAt: null } as const;

function abandoned(client: PrismaClient, before: Date, after: string): Promise<{ id: string }[]> {
  return client.tenant.findMany({
    where: {
      id: { gt: after },
      createdAt: { lt: before },
      // A sign-up sets a password. An owner without a password was invited by the command line, so that tenant stays.
      users: { every: { ...NEVER_CAME, role: 'owner' }, some: { passwordHash: { not: null } } },
      apiKeys: NOTHING,
      companies: NOTHING,
      contacts: NOTHING,
      deals: NOTHING,
      projects: NOTHING,
      tasks: NOTHING,
      activities: NOTHING,
      notifications: NOTHING,
      patients: NOTHING,
      accounts: NOTHING,
    },
    orderBy: { id: 'asc' },
    take: AT_A_TIME,
    select: { id: true },
  });
}

/** Deletes a tenant. Returns `false` if the owner has signed in meanwhile or other rows refer to the tenant. */
async function forget(client: PrismaClient, id: string): Promise<boolean> {
  try {
    return await client.$transaction(async (tx) => {
      // A sign-in in progress holds the lock of the row. When the sign-in commits, the row no longer matches
      // `NEVER_CAME`.
      const { count } = await tx.user.deleteMany({ where: { tenantId: id, ...NEVER_CAME } });
      if (count !== 1) throw new Kept();
      await tx.tenant.delete({ where: { id } });
      return true;
    });
  } catch (error) {
    // P2003: a foreign key still refers to the tenant.
    if (error instanceof Kept || (error instanceof Error && 'code' in error && error.code === 'P2003')) return false;
    throw error;
  }
}

class Kept extends Error {}
