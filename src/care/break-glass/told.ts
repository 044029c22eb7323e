/** Tells people about an access in an emergency, without data of the patient: they read it after they have signed in. */
import { z } from 'zod';
import { mailTo } from '../../identity/index.ts';
import { addNotifications } from '../../inbox/index.ts';
import type { Transaction } from '../../platform/db/index.ts';
import type { Right } from '../../platform/http/index.ts';
import { enqueueMany, job } from '../../platform/jobs/index.ts';
import { letter, shown } from '../../platform/mail/index.ts';
import { rolesWith } from '../relations/roles-with.ts';

/** Tells a reviewer by mail that an access in an emergency has begun. */
export const mailEmergency = job('care.mail.break-glass', {
  input: z.object({ userId: z.string(), hours: z.int() }),
  priority: 'high',
  run: ({ userId, hours }, context) =>
    mailTo(context, userId, (app, { tenant }) =>
      letter(app, 'Records were opened in an emergency', [
        `At ${shown(tenant.name)}, a user has opened the records of a patient in an emergency. ` +
          `Review this access within ${hours} hours: GET /care/break-glass lists it.`,
      ]),
    ),
});

/** Returns the active users with a right, without one user. */
export async function usersWith({ db, tenant }: Transaction, right: Right, without: string): Promise<string[]> {
  const where = { tenantId: tenant, disabledAt: null, role: { in: rolesWith(right) }, id: { not: without } };
  const users = await db.user.findMany({ where, select: { id: true }, orderBy: { id: 'asc' } });
  return users.map(({ id }) => id);
}

/** Tells reviewers at once, by notification and mail. */
export async function tellReviewers(
  tx: Transaction,
  userIds: readonly string[],
  emergency: { id: string; hours: number },
): Promise<void> {
  const { id, hours } = emergency;
  await tell(tx, userIds, 'Records were opened in an emergency', id);
  await enqueueMany(
    tx,
    mailEmergency,
    userIds.map((userId) => ({ userId, hours })),
  );
}

/** Adds a notification about an access in an emergency for each user. */
export async function tell(tx: Transaction, userIds: readonly string[], title: string, id: string): Promise<void> {
  if (userIds.length === 0) return;
  const rows = userIds.map((userId) => ({ userId, kind: 'care.break-glass', title, data: { emergencyId: id } }));
  await addNotifications(tx, rows);
}
