/** Tells the user who ordered a result that it is ready, or has a new version. Neither the notification nor the mail says whose result it is. */
import { z } from 'zod';
import { mailTo } from '../../identity/index.ts';
import { addNotifications } from '../../inbox/index.ts';
import type { Transaction } from '../../platform/db/index.ts';
import { enqueue, job } from '../../platform/jobs/index.ts';
import { letter } from '../../platform/mail/index.ts';

const TITLES = { ready: 'A result is ready', amended: 'A result has a new version' } as const;

/** The news about a result. */
export type ResultNews = keyof typeof TITLES;

/** Tells a user by mail that a result is ready, or has a new version. */
export const mailResultReady = job('care.mail.result-ready', {
  input: z.object({ userId: z.string(), news: z.enum(['ready', 'amended']).default('ready') }),
  run: ({ userId, news }, context) =>
    mailTo(context, userId, (app) =>
      letter(app, TITLES[news], ['You ordered this result. Sign in to read it: mails have no data of patients.']),
    ),
});

/** Adds the notification, whose ids lead to the record, and enqueues the mail. */
export async function announceResult(
  tx: Transaction,
  { userId, patientId, id, news }: { userId: string; patientId: string; id: string; news: ResultNews },
): Promise<void> {
  const data = { patientId, recordId: id };
  await addNotifications(tx, [{ userId, kind: 'care.result-ready', title: TITLES[news], data }]);
  await enqueue(tx, mailResultReady, { userId, news });
}
