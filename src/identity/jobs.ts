/**
 * Jobs that send mails. The write that causes a mail (an invitation, a welcome, a changed password) enqueues the job.
 * The job contains the id of the user, and reads the address when it writes the mail.
 *
 * One-time codes are requested by callers who have not proven their identity. So the job of a code belongs to no
 * tenant, and its address and code are sealed in the outbox, at QStash and in Redis.
 */
import { z } from '@hono/zod-openapi';
import type { Scope } from '../platform/http/index.ts';
import { cancel, enqueue, fatal, type JobContext, JobOutcome, job, retryLater } from '../platform/jobs/index.ts';
import {
  factorChanged,
  invitation,
  type MailApp,
  type MailContent,
  MailError,
  nameOrganization,
  passkeyChanged,
  passwordChanged,
  signInCode,
  signInLink,
  welcome,
} from '../platform/mail/index.ts';
import { chooseAccount, hasAccount, tenantsOf } from './accounts.ts';
import { INVITATION_MS, invitedUser, openInvitation } from './invitation-code.ts';

const toUser = z.object({ userId: z.string() });

export const mailInvitation = job('auth.mail.invitation', {
  // Jobs of earlier versions contain only the user. The mail of such a job names the organization and has no code.
  input: toUser.extend({ by: z.string().nullish(), sealed: z.string().optional() }),
  async run({ userId, by, sealed }, context) {
    const { scope, tenant } = context;
    const client = await tenant.db();
    const code = sealed === undefined ? null : await openInvitation(scope, sealed);
    const invited = code === null ? userId : await invitedUser(tenant, code);
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

export const mailPasskeyChanged = job('auth.mail.passkey-changed', {
  input: toUser.extend({ at: z.int(), device: z.string(), change: z.enum(['added', 'removed']), name: z.string() }),
  priority: 'high',
  run: ({ userId, at, ...change }, context) =>
    mailTo(context, userId, (app) => passkeyChanged(app, { ...change, at: new Date(at), path: '/welcome' })),
});

const FACTOR_CHANGES = ['added', 'removed', 'renewed', 'recovered', 'guessed', 'reset'] as const;

export const mailFactorChanged = job('auth.mail.factor-changed', {
  input: toUser.extend({ at: z.int(), device: z.string(), change: z.enum(FACTOR_CHANGES) }),
  priority: 'high',
  run: ({ userId, at, ...change }, context) =>
    mailTo(context, userId, (app) => factorChanged(app, { ...change, at: new Date(at), path: '/welcome' })),
});

/** The name that replaces the tenant in jobs of unknown callers. No tenant can have this name. */
export const NOBODY = 'nobody';

/** The purpose of all codes: to prove that the caller reads the mail of an address. */
export const SIGN_IN = 'sign-in';

/** The content of the mail with a code. */
interface CodeLetter {
  email: string;
  tenant?: string | undefined;
  code: string;
  lifeMs: number;
  /** The time in ms since the epoch after which the mail is not sent any more. */
  until: number;
}

/** The content of the mail with a link. This mail belongs to no tenant. */
type LinkLetter = Pick<CodeLetter, 'email' | 'until'> & { link: string };

const CODE_LETTER = ['code-letter'];
const LINK_LETTER = ['link-letter'];

const sealedLetter = {
  input: z.object({ sealed: z.string() }),
  priority: 'high',
  // A user is waiting for the mail, so the first retry comes soon. The code is valid for only ten minutes.
  backoff: { first: '5s' },
} as const;

/** Mails a code, if the address has an account. The job ends in the same way if the address has no account. */
export const mailCode = job('auth.mail.code', {
  ...sealedLetter,
  async run({ sealed }, context) {
    const letter = await openLetter<CodeLetter>(context, sealed, CODE_LETTER);
    if (letter instanceof JobOutcome) return letter;
    const { email, tenant, code, lifeMs } = letter;
    const client = await context.scope.database.client();
    const account = await chooseAccount(client, email, tenant);
    if (!account && tenant === undefined) return mailTenants(context, email, await tenantsOf(client, email));
    const ended =
      account && (await send(context, email, (app) => signInCode(app, { code, lifeMs, slug: account.tenantId })));
    return ended instanceof JobOutcome ? ended : null;
  },
});

/**
 * Mails a link, if the address has an account and no recent link. The tenant of the request is ignored, because the
 * link works in every browser that requests a code for this address. So no request with a wrong tenant can prevent the
 * mail.
 */
export const mailLink = job('auth.mail.link', {
  ...sealedLetter,
  async run({ sealed }, context) {
    const letter = await openLetter<LinkLetter>(context, sealed, LINK_LETTER);
    if (letter instanceof JobOutcome) return letter;
    const { email, link } = letter;
    const { codes, database } = context.scope;
    if (!(await hasAccount(await database.client(), email))) return null;
    const opened = await codes.openLink({ purpose: SIGN_IN, identifier: email, link });
    if (opened.kind === 'recent') return null;
    const { lifeMs } = opened;
    const ended = await send(context, email, (app) => signInLink(app, { path: `/sign-in?code=${link}`, lifeMs }));
    return ended instanceof JobOutcome ? ended : null;
  },
});

/** The services that seal a letter and enqueue its mail. */
type LetterScope = Pick<Scope, 'authSealer' | 'tenant'>;

/** Enqueues the mail of a code, which is sealed in the job. */
export async function enqueueCode(scope: LetterScope, letter: CodeLetter): Promise<void> {
  const sealed = await scope.authSealer.seal(JSON.stringify(letter), CODE_LETTER);
  await enqueue(scope.tenant(NOBODY), mailCode, { sealed });
}

/** Enqueues the mail of a link, which is sealed in the job. */
export async function enqueueLink(scope: LetterScope, letter: LinkLetter): Promise<void> {
  const sealed = await scope.authSealer.seal(JSON.stringify(letter), LINK_LETTER);
  await enqueue(scope.tenant(NOBODY), mailLink, { sealed });
}

async function openLetter<Letter extends { until: number }>(
  { scope: { authSealer, system } }: JobContext,
  sealed: string,
  kind: string[],
): Promise<Letter | JobOutcome> {
  const text = await authSealer.open(sealed, kind);
  if (text === null) return fatal('UNREADABLE');
  const letter = JSON.parse(text) as Letter; // Only this file seals letters.
  return system.now() >= letter.until ? cancel('CODE_OVER') : letter;
}

/** Mails the reader of an address a request to name a tenant, because no account can be chosen without a tenant. */
async function mailTenants(context: JobContext, email: string, slugs: string[]): Promise<JobOutcome | null> {
  if (slugs.length === 0) return null;
  const ended = await send(context, email, (app) => nameOrganization(app, { slugs, path: '/sign-in' }));
  return ended instanceof JobOutcome ? ended : null;
}

/**
 * Mails a user of the job's tenant. The job is cancelled if the user is gone or disabled, retried when the provider asks
 * for it, and dead if the provider refuses the mail.
 * @throws {MailError} if the mail may not have been sent; then the job is retried.
 */
export async function mailTo(
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

/** Sends one mail to an address. All attempts use the job's id as idempotency key. */
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
