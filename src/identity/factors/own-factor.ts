/**
 * The second factor of the signed-in user: making, confirming and removing it, new recovery codes, and a new proof of it.
 * A change needs a session with a new proof, ends the user's other sessions and tokens, mails the user, and adds an entry
 * to the audit trail.
 *
 * The first factor needs more than a password: the session must have begun with a mailed code. Otherwise a thief of a
 * password could add an app of their own, and use rights that need a second factor.
 */
import type { Context } from 'hono';
import type { Transaction } from '../../platform/db/index.ts';
import { type AppEnv, enforceLimits, ProblemError, subjectOf } from '../../platform/http/index.ts';
import { enqueue } from '../../platform/jobs/index.ts';
import type { Services } from '../../platform/rest/index.ts';
import type { RevokeOthersOutcome, RotateOutcome, Session, SessionChanges } from '../../platform/sessions/index.ts';
import { findAccount } from '../accounts.ts';
import { clearSession, setSession } from '../cookies.ts';
import { mailFactorChanged } from '../jobs.ts';
import { factorRules } from '../rules.ts';
import { person } from '../sessions.ts';
import { wrongCredentials } from '../signed-in.ts';
import { freshSession } from './fresh.ts';
import { checkProof, digestOfRecoveryCode, type FactorProof, wrongFactor } from './proof.ts';
import { lockFactor, removeEverything, setFactorAt } from './rows.ts';
import { type NewSecret, newSecret, secretContext } from './totp.ts';

/** The number of recovery codes of a user. */
const RECOVERY_CODES = 10;
const WHAT = 'your second factor';

/** The methods of proof that are a second factor. */
const FACTOR_METHODS: readonly string[] = ['totp', 'recovery', 'hwk'];

/**
 * Makes the secret of an authenticator app. Sign-in does not ask for the app until {@link confirmFactor}.
 * @throws {ProblemError} 403 `MAILED_CODE_REQUIRED` for a session that did not begin with a mailed code, 409
 *   `FACTOR_EXISTS` if the user has a second factor, and the errors of {@link freshSession}.
 */
export async function beginFactor(services: Services): Promise<NewSecret> {
  const { scope, tenant } = services;
  const { userId } = sessionForFirst(services);
  const owner = { tenantId: tenant.tenant, userId };
  const account = await findAccount(await scope.database.client(), tenant.tenant, userId);
  if (!account) throw wrongCredentials();
  const made = await newSecret(`${tenant.tenant}: ${account.email}`);
  const secret = await scope.authSealer.seal(made.secret, secretContext(owner));
  await tenant.commit(async (tx) => {
    if (await lockFactor(tx, userId)) throw factorExists();
    await tx.db.totpDevice.deleteMany({ where: owner });
    await tx.db.totpDevice.create({ data: { ...owner, secret, createdAt: new Date(tx.system.now()) } });
  });
  return made;
}

/**
 * Confirms the app with one of its codes, and returns new recovery codes. From now on, sign-in asks for the app.
 * @throws {ProblemError} 401 `WRONG_FACTOR`, 409 `FACTOR_EXISTS`, 429, and the errors of {@link beginFactor}.
 */
export async function confirmFactor(services: Services, c: Context<AppEnv>, code: string): Promise<string[]> {
  const session = sessionForFirst(services);
  const { userId } = session;
  const changes = changesOf(session, 'totp');
  return changeFactor(services, c, session, { change: 'added', changes, proof: { code } }, async (tx) => {
    await setFactorAt(tx, userId, new Date(tx.system.now()));
    return replaceCodes(services, tx, userId);
  });
}

/**
 * Removes the second factor: the app, the recovery codes and the passkeys, after a proof of the factor.
 * @throws {ProblemError} 401 `WRONG_FACTOR`, 404 if the user has no second factor, 429, and the errors of
 *   {@link freshSession}.
 */
export async function removeFactor(services: Services, c: Context<AppEnv>, proof: FactorProof): Promise<void> {
  const session = freshSession(services, WHAT);
  const methods = session.methods.filter((method) => !FACTOR_METHODS.includes(method));
  const changes = { methods, factor: 'removed' } as const;
  await changeFactor(services, c, session, { change: 'removed', changes, proof }, (tx) =>
    removeEverything(tx, session.userId),
  );
}

/**
 * Replaces the recovery codes, after a proof of the factor.
 * @throws {ProblemError} the errors of {@link removeFactor}.
 */
export async function renewCodes(services: Services, c: Context<AppEnv>, proof: FactorProof): Promise<string[]> {
  const session = freshSession(services, WHAT);
  const changes = { factor: 'proven' } as const;
  return changeFactor(services, c, session, { change: 'renewed', changes, proof }, (tx) =>
    replaceCodes(services, tx, session.userId),
  );
}

/**
 * Takes a new proof of the factor in a session, for actions that need a proof of the last minutes.
 * @throws {ProblemError} 401 `WRONG_FACTOR`, also for a user without a second factor; 403 `NEEDS_SESSION` for a program;
 *   409 if the session has changed; 429.
 */
export async function proveAgain(services: Services, c: Context<AppEnv>, proof: FactorProof): Promise<void> {
  const { tenant, caller } = services;
  const { userId, session } = person(caller);
  if (!session) throw new ProblemError(403, 'NEEDS_SESSION', 'Programs prove the second factor when they sign in');
  await limitGuesses(services, c, userId);
  const owner = { tenantId: tenant.tenant, userId };
  const { method, spend } = await checkProof(services, owner, session.id, proof);
  const renewed: Renewed = { token: null };
  await tenant.commit(async (tx) => {
    if (!(await lockFactor(tx, userId))) throw wrongFactor(services);
    await spend(tx.db);
    tx.beforeCommit(async () => {
      keep(renewed, await tenant.sessions.rotate(session, changesOf(session, method)));
    });
  });
  answerWith(c, renewed);
}

/** Returns whether the user has a second factor. 1 query. */
export async function hasOwnFactor({ tenant, caller }: Services): Promise<boolean> {
  const { userId } = person(caller);
  const where = { tenantId_id: { tenantId: tenant.tenant, id: userId } };
  const user = await (await tenant.db()).user.findUnique({ where, select: { factorAt: true } });
  return user !== null && user.factorAt !== null;
}

/** A change of the factor. */
interface Change {
  change: 'added' | 'removed' | 'renewed';
  changes: SessionChanges;
  proof: FactorProof;
}

/** Runs a change of the factor of the session's user, under the lock of the user's row and after a proof. */
async function changeFactor<Result>(
  services: Services,
  c: Context<AppEnv>,
  session: Session,
  { change, changes, proof }: Change,
  run: (tx: Transaction) => Promise<Result>,
): Promise<Result> {
  const { scope, tenant } = services;
  const { userId, device } = session;
  await limitGuesses(services, c, userId);
  const { spend } = await checkProof(services, { tenantId: tenant.tenant, userId }, session.id, proof);
  const renewed: Renewed = { token: null };
  const result = await tenant.commit(async (tx) => {
    const hasFactor = await lockFactor(tx, userId);
    if (hasFactor && change === 'added') throw factorExists();
    if (!hasFactor && change !== 'added') throw new ProblemError(404, 'NOT_FOUND', 'You have no second factor');
    await spend(tx.db);
    const done = await run(tx);
    await enqueue(tx, mailFactorChanged, { userId, at: tx.system.now(), device, change });
    await tx.audit({ action: `factor.${change}`, entity: { type: 'user', id: userId } });
    tx.beforeCommit(async () => keep(renewed, await tenant.sessions.revokeOthers(session, changes)));
    return done;
  });
  answerWith(c, renewed);
  scope.log.info(`auth.factor_${change}`, { tenant: tenant.tenant, userId });
  return result;
}

/** The new token of the session. It stays `null` if Redis ended all sessions but refused a new token. */
interface Renewed {
  token: string | null;
}

/** @throws {ProblemError} 409 if the session has changed in the meantime. The error rolls back the change. */
function keep(renewed: Renewed, outcome: RotateOutcome | RevokeOthersOutcome): void {
  if (outcome.kind === 'gone') throw new ProblemError(409, 'CONFLICT', 'Your session has changed; try again');
  renewed.token = outcome.kind === 'ended' ? null : outcome.token;
}

function answerWith(c: Context<AppEnv>, { token }: Renewed): void {
  if (token === null) clearSession(c);
  else setSession(c, token);
}

/** Replaces the user's recovery codes, and returns the new ones. */
async function replaceCodes({ scope }: Services, { db, tenant }: Transaction, userId: string): Promise<string[]> {
  const owner = { tenantId: tenant, userId };
  const codes = Array.from({ length: RECOVERY_CODES }, () => scope.system.token());
  await db.recoveryCode.deleteMany({ where: owner });
  await db.recoveryCode.createMany({ data: codes.map((text) => ({ ...owner, digest: digestOfRecoveryCode(text) })) });
  return codes;
}

/** Counts the attempt together with the attempts at sign-in. */
async function limitGuesses({ scope, tenant }: Services, c: Context<AppEnv>, userId: string): Promise<void> {
  await enforceLimits(c, factorRules, subjectOf(c, { account: scope.addressDigest(`${tenant.tenant} ${userId}`) }));
}

function changesOf({ methods }: Session, method: string): SessionChanges {
  return { methods: [...new Set([...methods, method])], factor: 'proven' };
}

/** Returns a session that may add the first factor. */
function sessionForFirst(services: Services): Session {
  const session = freshSession(services, WHAT);
  if (session.methods.includes('otp') || session.factorAt !== undefined) return session;
  const detail = 'Sign in with a mailed code, and add your second factor within five minutes';
  throw new ProblemError(403, 'MAILED_CODE_REQUIRED', detail);
}

function factorExists(): ProblemError {
  return new ProblemError(409, 'FACTOR_EXISTS', 'You have a second factor: remove it first');
}
