/**
 * The passkeys of the signed-in user: making, listing and removing them. A change needs a proof of identity that is at
 * most five minutes old (ASVS 7.5.1), ends the user's other sessions and tokens, gives the session a new token, mails the
 * user, and adds an entry to the audit trail.
 */

import type { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { PrismaClient, Transaction, TransactionClient } from '../../platform/db/index.ts';
import { type AppEnv, notFound, ProblemError } from '../../platform/http/index.ts';
import { enqueue } from '../../platform/jobs/index.ts';
import type { Services } from '../../platform/rest/index.ts';
import type { Session } from '../../platform/sessions/index.ts';
import { findAccount } from '../accounts.ts';
import { clearSession, setSession } from '../cookies.ts';
import { freshSession } from '../factors/fresh.ts';
import { mailPasskeyChanged } from '../jobs.ts';
import { person } from '../sessions.ts';
import { wrongCredentials } from '../signed-in.ts';
import { creationOptions, madeCredential, type StoredCredential } from './ceremony.ts';
import type { newCredentialSchema, passkeySchema } from './schema.ts';

/** The maximum number of passkeys of a user. */
const MOST_PASSKEYS = 10;
const WHAT = 'your passkeys';

const columns = {
  id: true,
  credentialId: true,
  publicKey: true,
  counter: true,
  transports: true,
  backedUp: true,
  name: true,
  createdAt: true,
  usedAt: true,
} as const;

/** A stored passkey. */
export interface StoredPasskey extends StoredCredential {
  id: string;
  backedUp: boolean;
  name: string;
  createdAt: Date;
  usedAt: Date | null;
}

/** A passkey as answers show it. */
export type Passkey = z.input<typeof passkeySchema>;

/** Lists the passkeys of a user, the oldest first. 1 query. */
export async function passkeysOf(
  client: PrismaClient | TransactionClient,
  tenantId: string,
  userId: string,
): Promise<StoredPasskey[]> {
  const rows = await client.passkey.findMany({ where: { tenantId, userId }, orderBy: { id: 'asc' }, select: columns });
  return rows.map((row) => ({ ...row, counter: Number(row.counter) }));
}

/** Returns a passkey as answers show it. */
export function toPasskey({
  id,
  name,
  backedUp,
  createdAt,
  usedAt,
}: Omit<StoredPasskey, keyof StoredCredential>): Passkey {
  return { id, name, backedUp, createdAt: createdAt.toISOString(), usedAt: usedAt?.toISOString() ?? null };
}

/** Lists the caller's passkeys. */
export async function listPasskeys({ tenant, caller }: Services): Promise<Passkey[]> {
  const { userId } = person(caller);
  return (await passkeysOf(await tenant.db(), tenant.tenant, userId)).map(toPasskey);
}

/**
 * Begins the making of a passkey, and returns the options for the browser.
 * @throws {ProblemError} the errors of {@link freshSession}, and 409 `TOO_MANY_PASSKEYS`.
 */
export async function beginPasskey(services: Services) {
  const { scope, tenant } = services;
  const session = freshSession(services, WHAT);
  const client = await scope.database.client();
  const account = await findAccount(client, tenant.tenant, session.userId);
  if (!account) throw wrongCredentials();
  const known = await passkeysOf(client, tenant.tenant, session.userId);
  requireRoom(known.length);
  return creationOptions(services, askerOf(session), { email: account.email, name: account.name, known });
}

/**
 * Adds a passkey that the browser has made.
 * @throws {ProblemError} the errors of {@link freshSession}; 400 `PASSKEY_REFUSED`; 409 `TOO_MANY_PASSKEYS`, or if the
 *   passkey or the session has changed in the meantime.
 */
export async function addPasskey(
  services: Services,
  c: Context<AppEnv>,
  { name, credential }: { name: string; credential: z.output<typeof newCredentialSchema> },
): Promise<Passkey> {
  const { tenant } = services;
  const session = freshSession(services, WHAT);
  const { publicKey, ...made } = await madeCredential(services, askerOf(session), credential);
  return changePasskeys(services, c, session, 'added', async (tx) => {
    const { userId } = session;
    requireRoom(await tx.db.passkey.count({ where: { tenantId: tenant.tenant, userId } }));
    const row = await tx.db.passkey.create({
      data: {
        ...{ tenantId: tenant.tenant, id: tx.system.rowId('passkey'), userId, name },
        ...{ ...made, publicKey: new Uint8Array(publicKey), createdAt: new Date(tx.system.now()) },
      },
      select: columns,
    });
    return toPasskey(row);
  });
}

/**
 * Removes a passkey.
 * @throws {ProblemError} the errors of {@link freshSession}, 404 for a passkey of another user, 409 if the session has
 *   changed in the meantime.
 */
export async function removePasskey(services: Services, c: Context<AppEnv>, id: string): Promise<void> {
  const { tenant } = services;
  const session = freshSession(services, WHAT);
  const where = { tenantId: tenant.tenant, userId: session.userId, id };
  await changePasskeys(services, c, session, 'removed', async (tx) => {
    const row = await tx.db.passkey.findFirst({ where, select: columns });
    if (!row) throw notFound('passkey');
    await tx.db.passkey.deleteMany({ where });
    return toPasskey(row);
  });
}

/** Runs a change of the passkeys of the session's user, under the lock of the user's row. */
async function changePasskeys(
  { scope, tenant }: Services,
  c: Context<AppEnv>,
  session: Session,
  change: 'added' | 'removed',
  run: (tx: Transaction) => Promise<Passkey>,
): Promise<Passkey> {
  const { userId, device } = session;
  // The new token. It stays `null` if Redis ended all sessions but refused a new token.
  const renewed: { token: string | null } = { token: null };
  const passkey = await tenant.commit(async (tx) => {
    const held = await tx.db.$queryRaw<unknown[]>`
      SELECT 1 AS found FROM users WHERE tenant_id = ${tx.tenant} AND id = ${userId} AND disabled_at IS NULL FOR UPDATE`;
    if (held.length === 0) throw wrongCredentials();
    const changed = await run(tx);
    await enqueue(tx, mailPasskeyChanged, { userId, at: tx.system.now(), device, change, name: changed.name });
    const entity = { type: 'user', id: userId };
    await tx.audit({ action: `passkey.${change}`, entity, data: { passkeyId: changed.id } });
    tx.beforeCommit(async () => {
      const outcome = await tenant.sessions.revokeOthers(session);
      // The error rolls back the change.
      if (outcome.kind === 'gone') throw new ProblemError(409, 'CONFLICT', 'Your session has changed; try again');
      renewed.token = outcome.kind === 'ended' ? null : outcome.token;
    });
    return changed;
  });
  if (renewed.token === null) clearSession(c);
  else setSession(c, renewed.token);
  scope.log.info(`auth.passkey_${change}`, { tenant: tenant.tenant, userId });
  return passkey;
}

function askerOf({ userId, id }: Session) {
  return { purpose: 'enrol', userId, by: id } as const;
}

function requireRoom(count: number): void {
  if (count < MOST_PASSKEYS) return;
  throw new ProblemError(409, 'TOO_MANY_PASSKEYS', `You have ${MOST_PASSKEYS} passkeys; remove one of them first`);
}
