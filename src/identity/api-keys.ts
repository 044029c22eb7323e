/**
 * API keys as rows: created, rotated, revoked. The maker of a key is the user or key that created or last rotated it. A
 * key has no right that its maker lacks. A key also ends with its maker. If the maker is a user: when the user is
 * disabled or loses one of the key's rights. If the maker is a key: when that key ends.
 *
 * Each function runs inside a transaction that holds the lock of `grants.ts`.
 */
import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { Transaction } from '../platform/db/index.ts';
import { isRestricted, missingRights, notFound, ProblemError } from '../platform/http/index.ts';
import type { System } from '../platform/system.ts';
import { apiKeyTag } from './api-key-record.ts';
import { type Grants, requireGrant, requireWithin } from './grants.ts';

/** The fields of a key that callers see, without the hash of the secret. */
export interface ApiKeyRow {
  id: string;
  name: string;
  rights: string[];
  expiresAt: Date | null;
  revokedAt: Date | null;
  madeByUser: string | null;
  madeByKey: string | null;
  createdAt: Date;
}

/** The maker of a key: the user or key that creates or rotates the key. Both ids are `null` for the command line. */
export interface Maker {
  userId: string | null;
  keyId: string | null;
}

/** The properties of a new key that its maker chooses. */
export interface NewApiKey {
  name: string;
  rights: string[];
  expiresAt: Date | null;
}

/** A key's secret. Only the hash is stored. */
export interface KeySecret {
  text: string;
  /** SHA-256, lower-case hex. */
  hash: string;
}

/** The maximum number of active keys of a tenant. A larger number would mean that keys are leaking, not normal use. */
const MOST_KEYS = 100;

/** The columns of {@link ApiKeyRow}. */
export const apiKeyColumns = {
  id: true,
  name: true,
  rights: true,
  expiresAt: true,
  revokedAt: true,
  madeByUser: true,
  madeByKey: true,
  createdAt: true,
} as const;

/**
 * Creates a secret: 256 random bits as letters and digits, because some programs accept no other characters in a
 * setting.
 */
export function newKeySecret(system: System): KeySecret {
  const text = Buffer.from(system.secret(), 'base64url').toString('hex');
  return { text, hash: createHash('sha256').update(text).digest('hex') };
}

/** Returns the whole key, in the form that callers present. */
export function fullKey(tenant: string, id: string, { text }: KeySecret): string {
  return `hf_${tenant}_${id}_${text}`;
}

/**
 * Creates a key. The transaction receives only the hash of the secret.
 * @throws {ProblemError} 403 `BEYOND_YOUR_RIGHTS`, 409 `TOO_MANY_KEYS`.
 */
export async function createApiKey(
  tx: Transaction,
  grants: Grants,
  { userId, keyId }: Maker,
  { name, rights, expiresAt }: NewApiKey,
  secretHash: string,
): Promise<ApiKeyRow> {
  requireGrant(grants, rights, 'rights');
  requireWithin(grants, expiresAt);
  const now = new Date(tx.system.now());
  const live = { tenantId: tx.tenant, revokedAt: null, OR: [{ expiresAt: null }, { expiresAt: { gt: now } }] };
  if ((await tx.db.apiKey.count({ where: live })) >= MOST_KEYS) {
    throw new ProblemError(409, 'TOO_MANY_KEYS', `The tenant already has ${MOST_KEYS} API keys; revoke one first`);
  }
  const id = newKeyId(tx);
  return tx.db.apiKey.create({
    data: {
      tenantId: tx.tenant,
      id,
      name,
      rights,
      expiresAt,
      secretHash,
      madeByUser: userId,
      madeByKey: keyId,
      createdAt: now,
    },
    select: apiKeyColumns,
  });
}

/**
 * Gives a key a new secret; the old secret stops working at once.
 * @throws {ProblemError} 403 `BEYOND_YOUR_RIGHTS`, 404 if the key does not exist or was revoked, 409 `KEY_EXPIRED`.
 */
export async function rotateApiKey(
  tx: Transaction,
  grants: Grants,
  { userId, keyId }: Maker,
  id: string,
  secretHash: string,
): Promise<ApiKeyRow> {
  const before = await keyToChange(tx, grants, id);
  requireWithin(grants, before.expiresAt);
  if (before.expiresAt && before.expiresAt.getTime() <= tx.system.now()) {
    throw new ProblemError(409, 'KEY_EXPIRED', 'This key has expired; create another key');
  }
  // A key that rotates itself keeps its maker.
  const maker = keyId === id ? {} : { madeByUser: userId, madeByKey: keyId };
  const row = await tx.db.apiKey.update({
    where: { tenantId_id: { tenantId: tx.tenant, id } },
    data: { secretHash, ...maker },
    select: apiKeyColumns,
  });
  tx.invalidate(apiKeyTag(id));
  return row;
}

/**
 * Revokes a key and every key created with it.
 * @returns the ids of all revoked keys.
 * @throws {ProblemError} 403 `BEYOND_YOUR_RIGHTS`, 404 if the key does not exist or was revoked.
 */
export async function revokeApiKey(tx: Transaction, grants: Grants, id: string): Promise<string[]> {
  await keyToChange(tx, grants, id, { ends: true });
  return endKeys(tx, (key) => key.id === id);
}

/**
 * Revokes the keys of a user that have a right outside of `left`, and every key created with these keys.
 * @param left the rights that the user still has.
 * @returns the ids of all revoked keys.
 */
export function endKeysOfUser(tx: Transaction, userId: string, left: readonly string[]): Promise<string[]> {
  return endKeys(tx, ({ madeByUser, rights }) => madeByUser === userId && missingRights(left, rights).length > 0);
}

type LiveKey = Pick<ApiKeyRow, 'id' | 'rights' | 'madeByUser' | 'madeByKey'>;

async function endKeys(tx: Transaction, ends: (key: LiveKey) => boolean): Promise<string[]> {
  const keys: LiveKey[] = await tx.db.apiKey.findMany({
    where: { tenantId: tx.tenant, revokedAt: null },
    select: { id: true, rights: true, madeByUser: true, madeByKey: true },
  });
  const ended = new Set(keys.filter(ends).map(({ id }) => id));
  for (let before = -1; before !== ended.size; ) {
    before = ended.size;
    for (const { id, madeByKey } of keys) if (madeByKey !== null && ended.has(madeByKey)) ended.add(id);
  }
  const ids = [...ended];
  if (ids.length === 0) return ids;
  await tx.db.apiKey.updateMany({
    where: { tenantId: tx.tenant, id: { in: ids } },
    data: { revokedAt: new Date(tx.system.now()) },
  });
  tx.invalidate(...ids.map(apiKeyTag));
  return ids;
}

async function keyToChange(tx: Transaction, grants: Grants, id: string, { ends = false } = {}): Promise<ApiKeyRow> {
  const row = await tx.db.apiKey.findUnique({
    where: { tenantId_id: { tenantId: tx.tenant, id }, revokedAt: null },
    select: apiKeyColumns,
  });
  if (!row) throw notFound('API key');
  // An owner must be able to end every key of the tenant, also one with restricted rights.
  const endsAny = ends && grants.rights.includes('*');
  requireGrant(grants, endsAny ? row.rights.filter((right) => !isRestricted(right)) : row.rights);
  return row;
}

/** Creates the id of a key: 12 letters and digits. The id is not secret. */
function newKeyId({ system }: Transaction): string {
  return Buffer.from(system.token(), 'base64url').toString('hex').slice(0, 12);
}
