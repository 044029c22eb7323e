/**
 * One-time codes by e-mail: asked for here, sent by a job. Who asks does not look whether anybody has the address, so
 * neither the answer nor its time can tell; the job does, and nobody waits for it.
 */
import type { Context } from 'hono';
import { type AppEnv, ProblemError } from '../http/index.ts';
import { enqueue } from '../jobs/index.ts';
import { challengeOf, setChallenge } from './cookies.ts';
import { mailCode, NOBODY, sealCode } from './jobs.ts';

/** All codes prove the same: that somebody reads the mail of an address. */
const PURPOSE = 'sign-in';

/** Whose code it is: an address, and the tenant if it was named. */
export interface CodeOwner {
  email: string;
  tenant: string | undefined;
}

/**
 * Gives the browser the challenge of a new code, which is mailed to its owner if there is one. 1 Redis request, and a
 * job.
 * @throws {ProblemError} 429 if the address has had too many.
 */
export async function sendCode(c: Context<AppEnv>, owner: CodeOwner): Promise<void> {
  const scope = c.get('scope');
  const issued = await scope.codes.issue({
    purpose: PURPOSE,
    identifier: JSON.stringify([owner.email, owner.tenant ?? null]),
    replaces: challengeOf(c),
  });
  if (issued.kind === 'throttled') throw tooMany(issued.retryAfterMs);
  const { code, lifeMs } = issued;
  const sealed = await sealCode(scope.authSealer, { ...owner, code, lifeMs, until: scope.system.now() + lifeMs });
  await enqueue(scope.tenant(NOBODY), mailCode, { sealed });
  setChallenge(c, issued.challenge, lifeMs);
}

/**
 * Whose code this is.
 * @throws {ProblemError} 401 if it is wrong or over, 429 if the address has had too many guesses.
 */
export async function checkCode(c: Context<AppEnv>, code: string): Promise<CodeOwner> {
  const challenge = challengeOf(c);
  const { codes, log } = c.get('scope');
  const verified = challenge ? await codes.verify({ purpose: PURPOSE, challenge, code }) : undefined;
  if (verified?.kind !== 'ok') log.warn('auth.refused', { reason: 'code' });
  if (!verified || verified.kind === 'dead') {
    throw new ProblemError(
      401,
      'CODE_OVER',
      'This code is over, or was asked for by another browser: ask for a new one',
    );
  }
  if (verified.kind === 'throttled') throw tooMany(verified.retryAfterMs);
  if (verified.kind === 'wrong') {
    throw new ProblemError(401, 'WRONG_CODE', `This is not the code; ${verified.left} more tries`);
  }
  const [email, tenant] = JSON.parse(verified.identifier) as [string, string | null];
  return { email, tenant: tenant ?? undefined };
}

function tooMany(retryAfterMs: number): ProblemError {
  return new ProblemError(429, 'TOO_MANY_CODES', 'This address has had too many codes or wrong tries today', {
    headers: { 'retry-after': String(Math.max(1, Math.ceil(retryAfterMs / 1000))) },
  });
}
