/**
 * One-time codes by e-mail: asked for here, sent by a job. The request does not look whether the address has an account,
 * so neither the answer nor its time can tell; the job does, and no request waits for it.
 */
import type { Context } from 'hono';
import { type AppEnv, ProblemError } from '../platform/http/index.ts';
import { callerOf } from '../platform/limits/index.ts';
import { challengeOf, setChallenge } from './cookies.ts';
import { enqueueCode, enqueueLink, SIGN_IN } from './jobs.ts';

/** How long a mail is worth sending after it was asked for, in ms: as long as a code is good. */
const LETTER_MS = 600_000;

/** Whose code it is: an address, and the tenant if it was named. */
export interface CodeOwner {
  email: string;
  tenant?: string | undefined;
}

/**
 * Gives the browser the challenge of a new code, which is mailed to its owner if there is one; or of a link, if the
 * address has had too many codes or wrong guesses today. 1 Redis request, and a job.
 */
export async function sendCode(c: Context<AppEnv>, owner: CodeOwner): Promise<void> {
  const scope = c.get('scope');
  const { email, tenant } = owner;
  const issued = await scope.codes.issue({
    purpose: SIGN_IN,
    identifier: email,
    context: tenant ?? null,
    asker: callerOf(c.get('clientIp') ?? undefined),
    replaces: challengeOf(c),
  });
  const until = scope.system.now() + LETTER_MS;
  await (issued.kind === 'link'
    ? enqueueLink(scope, { email, link: issued.link, until })
    : enqueueCode(scope, { email, tenant, code: issued.code, lifeMs: issued.lifeMs, until }));
  setChallenge(c, issued.challenge, issued.lifeMs);
}

/**
 * Whose code or link this is.
 * @throws {ProblemError} 401 if it is wrong or over, or this browser asked for none.
 */
export async function checkCode(c: Context<AppEnv>, code: string): Promise<CodeOwner> {
  const challenge = challengeOf(c);
  const { codes, log } = c.get('scope');
  const verified = challenge ? await codes.verify({ purpose: SIGN_IN, challenge, code }) : undefined;
  if (verified?.kind === 'ok') return { email: verified.identifier, tenant: verified.context ?? undefined };
  log.warn('auth.refused', { reason: 'code' });
  if (verified?.kind === 'wrong') {
    throw new ProblemError(401, 'WRONG_CODE', `This is not the code; ${verified.left} more tries`);
  }
  if (verified?.kind === 'spent') {
    const detail = 'This address has had too many wrong codes today: ask for a new one, which comes as a link';
    throw new ProblemError(401, 'CODE_OVER', detail);
  }
  const detail = 'This code is over, or this browser did not ask for one: ask for a new one in this browser';
  throw new ProblemError(401, 'CODE_OVER', detail);
}
