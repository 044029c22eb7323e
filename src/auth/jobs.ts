/**
 * Mails are jobs, owed by the write they tell of: an invitation, a welcome, a changed password. Their messages name
 * people by id; addresses are read when the mail is written.
 *
 * One-time codes are asked for by people of whom nobody knows yet whether they are anybody. So their job belongs to no
 * tenant, and address and code lie sealed in the outbox, at QStash and in Redis.
 */
import { z } from '@hono/zod-openapi';
import { cancel, fatal, type Job, type JobContext, JobOutcome, job, retryLater } from '../jobs/index.ts';
import {
  invitation,
  type MailApp,
  type MailContent,
  MailError,
  passwordChanged,
  signInCode,
  welcome,
} from '../mail/index.ts';
import type { Sealer } from '../redis/index.ts';
import { chooseAccount } from './accounts.ts';
import { INVITATION_MS, invitedUser, openInvitation } from './invitation-code.ts';

const toUser = z.object({ userId: z.string() });

export const mailInvitation = job('auth.mail.invitation', {
  // Jobs of earlier versions have only the user: their mail names the organization and has no code.
  input: toUser.extend({ by: z.string().nullish(), sealed: z.string().optional() }),
  async run({ userId, by, sealed }, context) {
    const { scope, tenant } = context;
    const client = await tenant.db();
    const code = sealed === undefined ? null : await openInvitation(scope, sealed);
    const invited = code === null ? userId : await invitedUser(client, tenant.tenant, code, scope.system.now());
    if (invited !== userId) return cancel('INVITATION_OVER');
    const where = { tenantId_id: { tenantId: tenant.tenant, id: by ?? '' } };
    const inviter = by && (await client.user.findUnique({ where, select: { name: true } }))?.name;
    return mailTo(context, userId, (app, { tenant: { id: slug, name: organization } }) => {
      const query = new URLSearchParams({ tenant: slug, ...(code === null ? {} : { invitation: code }) });
      return invitation(app, {
        inviter: inviter ?? (by === undefined ? organization : `An API key of ${organization}`),
        organization,
        slug,
        path: `/sign-in?${query}`,
        lifeMs: code === null ? null : INVITATION_MS,
      });
    });
  },
});

export const mailWelcome = job('auth.mail.welcome', {
  input: toUser.extend({ passwordEnded: z.boolean().default(false) }),
  run: ({ userId, passwordEnded }, context) =>
    mailTo(context, userId, (app, { name, tenant }) =>
      welcome(app, { name, organization: tenant.name, passwordEnded, path: '/welcome' }),
    ),
});

export const mailPasswordChanged = job('auth.mail.password-changed', {
  input: toUser.extend({ at: z.int(), device: z.string() }),
  priority: 'high',
  run: ({ userId, at, device }, context) =>
    mailTo(context, userId, (app) => passwordChanged(app, { at: new Date(at), device, path: '/welcome' })),
});

/** Whose jobs are those of nobody known. No tenant can take this name. */
export const NOBODY = 'nobody';

/** A code to mail. Times in ms. */
interface CodeLetter {
  email: string;
  tenant?: string | undefined;
  code: string;
  lifeMs: number;
  /** Since the epoch. */
  until: number;
}

const CODE_LETTER = ['code-letter'];

/** Seals a code for {@link mailCode}. */
export function sealCode(sealer: Sealer, letter: CodeLetter): Promise<string> {
  return sealer.seal(JSON.stringify(letter), CODE_LETTER);
}

/** Mails a code, if anybody has the address. How it ends says nothing of that. */
export const mailCode = job('auth.mail.code', {
  input: z.object({ sealed: z.string() }),
  priority: 'high',
  // Somebody waits, and after ten minutes nobody does.
  backoff: { first: '5s' },
  async run({ sealed }, context) {
    const { authSealer, database, system } = context.scope;
    const text = await authSealer.open(sealed, CODE_LETTER);
    if (text === null) return fatal('UNREADABLE');
    const { email, tenant, code, lifeMs, until } = JSON.parse(text) as CodeLetter; // Sealed by us alone.
    if (system.now() >= until) return cancel('CODE_OVER');
    const account = await chooseAccount(await database.client(), email, tenant);
    const ended = account && (await send(context, email, (app) => signInCode(app, { code, lifeMs })));
    return ended instanceof JobOutcome ? ended : null;
  },
});

/** Every job of this room. */
export const authJobs: readonly Job[] = [mailInvitation, mailWelcome, mailPasswordChanged, mailCode];

/** Mails somebody of the job's tenant. */
async function mailTo(
  context: JobContext,
  userId: string,
  write: (app: MailApp, user: { name: string; tenant: { id: string; name: string } }) => MailContent,
): Promise<{ mailId: string } | JobOutcome> {
  const { tenant } = context;
  const user = await (await tenant.db()).user.findUnique({
    where: { tenantId_id: { tenantId: tenant.tenant, id: userId }, disabledAt: null },
    select: { email: true, name: true, tenant: { select: { id: true, name: true } } },
  });
  if (!user) return cancel('USER_GONE');
  return send(context, user.email, (app) => write(app, user));
}

/** Mails to an address, once: every attempt has the job's id as its idempotency key. */
async function send(
  { id, scope }: JobContext,
  to: string,
  write: (app: MailApp) => MailContent,
): Promise<{ mailId: string } | JobOutcome> {
  const content = write({ name: 'Holdfast', url: scope.environment.APP_URL });
  try {
    return { mailId: (await scope.mailer.send({ to, ...content, idempotencyKey: id })).id };
  } catch (error) {
    if (!(error instanceof MailError)) throw error;
    if (error.code === 'MAIL_INVALID' || error.code === 'MAIL_REFUSED') return fatal(error.code);
    if (error.retryAfterMs !== undefined) return retryLater(error.retryAfterMs, error.code);
    throw error;
  }
}
