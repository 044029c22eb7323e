/** Tells the user who ordered a result that it is ready. Neither the notification nor the mail says whose result it is. */
import { z } from 'zod';
import { mailTo } from '../../identity/index.ts';
import { addNotifications } from '../../inbox/index.ts';
import type { Transaction } from '../../platform/db/index.ts';
import { enqueue, job } from '../../platform/jobs/index.ts';
import { letter } from '../../platform/mail/index.ts';

const TITLE = 'A result is ready';

/** Tells a user by mail that a result is ready. */
export const mailResultReady = job('care.mail.result-ready', {
  input: z.object({ userId: z.string() }),
  run: ({ userId }, context) =>
    mailTo(context, userId, (app) =>
      letter(app, TITLE, ['A result that you ordered is ready. Sign in to read it: mails have no data of patients.']),
    ),
});

/** Adds the notification, whose ids lead to the record, and enqueues the mail. */
export async function announceResult(
  tx: Transaction,
  { userId, patientId, id }: { userId: string; patientId: string; id: string },
): Promise<void> {
  await addNotifications(tx, [{ userId, kind: 'care.result-ready', title: TITLE, data: { patientId, recordId: id } }]);
  await enqueue(tx, mailResultReady, { userId });
}
