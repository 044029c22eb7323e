/**
 * One-time codes by e-mail. A request asks for a code, and a job mails it. Only the job looks up whether the address
 * has an account, and no request waits for the job. So neither the answer nor its timing shows whether the address has
 * an account.
 */
import type { Context } from 'hono';
import { type AppEnv, ProblemError } from '../platform/http/index.ts';
import { callerOf } from '../platform/limits/index.ts';
import { challengeOf, setChallenge } from './cookies.ts';
import { enqueueCode, enqueueLink, SIGN_IN } from './jobs.ts';

/** How long after the request the mail may still be sent, in ms. A code is valid for the same time. */
const LETTER_MS = 600_000;

/** The owner of a code: an address, and the tenant if the request names one. */
export interface CodeOwner {
  email: string;
  tenant?: string | undefined;
}

/**
 * Gives the browser the challenge of a new code, which a job mails if the address has an account. If the address has
 * had too many codes or wrong guesses today, the job mails a link instead. 1 Redis request, and a job.
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
 * Checks the code of a mail or link, and returns the owner of the code.
 * @throws {ProblemError} 401 if the code is wrong or has expired, or this browser did not request a code.
 */
export async function checkCode(c: Context<AppEnv>, code: string): Promise<CodeOwner> {
  const challenge = challengeOf(c);
  const { codes, log } = c.get('scope');
  const verified = challenge ? await codes.verify({ purpose: SIGN_IN, challenge, code }) : undefined;
  if (verified?.kind === 'ok') return { email: verified.identifier, tenant: verified.context ?? undefined };
  log.warn('auth.refused', { reason: 'code' });
  if (verified?.kind === 'wrong') {
    throw new ProblemError(401, 'WRONG_CODE', `Wrong code; ${verified.left} more tries`);
  }
  if (verified?.kind === 'spent') {
    const detail = 'Too many wrong codes for this address today: request a new one, which is sent as a link';
    throw new ProblemError(401, 'CODE_OVER', detail);
  }
  const detail = 'This code has expired or was not requested in this browser: request a new one in this browser';
  throw new ProblemError(401, 'CODE_OVER', detail);
}
