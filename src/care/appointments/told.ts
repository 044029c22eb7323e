/** Tells a clinician that a visit was booked or has changed. Neither the notification nor the mail names the patient. */
import { z } from 'zod';
import { mailTo } from '../../identity/index.ts';
import { addNotifications } from '../../inbox/index.ts';
import type { Transaction } from '../../platform/db/index.ts';
import { enqueue, job } from '../../platform/jobs/index.ts';
import { letter } from '../../platform/mail/index.ts';
import type { MoveName } from './flow.ts';

const TITLES = {
  book: 'A visit was booked',
  arrive: 'A patient has arrived',
  cancel: 'A visit was cancelled',
  miss: 'A visit was missed',
  leave: 'A patient has left',
  undo: 'A change of a visit was undone',
} as const;
type Told = keyof typeof TITLES;

/** Tells a clinician by mail that a visit has changed. */
export const mailVisitChanged = job('care.mail.visit-changed', {
  input: z.object({ userId: z.string(), what: z.enum(Object.keys(TITLES) as [Told, ...Told[]]) }),
  run: ({ userId, what }, context) =>
    mailTo(context, userId, (app) =>
      letter(app, TITLES[what], [`${TITLES[what]}. Sign in to see the visit: mails have no data of patients.`]),
    ),
});

/** Adds the notification and enqueues the mail, unless the clinician made the change. Other steps are seen on the board. */
export async function tellClinician(
  tx: Transaction,
  { id, clinicianId: userId }: { id: string; clinicianId: string },
  what: MoveName | 'book',
): Promise<void> {
  if (userId === tx.actorId || !isTold(what)) return;
  const row = { userId, kind: `care.visit.${what}`, title: TITLES[what], data: { appointmentId: id } };
  await addNotifications(tx, [row]);
  await enqueue(tx, mailVisitChanged, { userId, what });
}

/** Returns whether a clinician gets a mail about this change. */
export function isTold(what: MoveName | 'book'): what is Told {
  return Object.hasOwn(TITLES, what);
}
