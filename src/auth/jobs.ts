/**
 * Mails that must not be lost are jobs, owed by the write they tell of: an invitation, a welcome, a changed password.
 * Their messages name people by id; addresses are read when the mail is written.
 *
 * One-time codes are not among them: they live for minutes and somebody waits, so a late one is worth nothing, and as
 * a job a code would lie in the outbox and at QStash. Whoever misses one asks for another.
 */
import { z } from '@hono/zod-openapi';
import { cancel, fatal, type Job, type JobContext, type JobOutcome, job, retryLater } from '../jobs/index.ts';
import { invitation, type MailApp, type MailContent, MailError, passwordChanged, welcome } from '../mail/index.ts';

const toUser = z.object({ userId: z.string() });

export const mailInvitation = job('auth.mail.invitation', {
  input: toUser,
  run: ({ userId }, context) =>
    mailTo(context, userId, (app, { tenant }) =>
      invitation(app, { inviter: tenant.name, organization: tenant.name, path: '/' }),
    ),
});

export const mailWelcome = job('auth.mail.welcome', {
  input: toUser,
  run: ({ userId }, context) => mailTo(context, userId, (app, { name }) => welcome(app, { name })),
});

export const mailPasswordChanged = job('auth.mail.password-changed', {
  input: toUser.extend({ at: z.int(), device: z.string() }),
  priority: 'high',
  run: ({ userId, at, device }, context) =>
    mailTo(context, userId, (app) => passwordChanged(app, { at: new Date(at), device, path: '/' })),
});

/** Every job of this room. */
export const authJobs: readonly Job[] = [mailInvitation, mailWelcome, mailPasswordChanged];

/** Mails somebody, once: every attempt has the job's id as its idempotency key. */
async function mailTo(
  { id, tenant, scope }: JobContext,
  userId: string,
  write: (app: MailApp, user: { name: string; tenant: { name: string } }) => MailContent,
): Promise<{ mailId: string } | JobOutcome> {
  const user = await (await tenant.db()).user.findUnique({
    where: { tenantId_id: { tenantId: tenant.tenant, id: userId }, disabledAt: null },
    select: { email: true, name: true, tenant: { select: { name: true } } },
  });
  if (!user) return cancel('USER_GONE');
  const content = write({ name: 'Holdfast', url: scope.environment.APP_URL }, user);
  try {
    return { mailId: (await scope.mailer.send({ to: user.email, ...content, idempotencyKey: id })).id };
  } catch (error) {
    if (!(error instanceof MailError)) throw error;
    if (error.code === 'MAIL_INVALID' || error.code === 'MAIL_REFUSED') return fatal(error.code);
    if (error.retryAfterMs !== undefined) return retryLater(error.retryAfterMs, error.code);
    throw error;
  }
}
