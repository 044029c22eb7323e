/**
 * The code of an invitation: 128 random bits in the mailed link. So long a code cannot be guessed and needs no limit on
 * guesses; a limit could be used up by strangers. PostgreSQL stores only a hash of the code. In the job that mails the
 * code, the code is sealed.
 */
import { createHash } from 'node:crypto';
import { bloom, query } from '../platform/cache/index.ts';
import type { DataContext } from '../platform/http/index.ts';
import type { SealScope } from '../platform/sessions/index.ts';

/** How long an invitation is valid, in ms. */
export const INVITATION_MS = 7 * 86_400_000;

const SEALED = ['invitation'];

/** Returns the stored form of a code: SHA-256 is enough for 128 random bits. */
export function hashOfInvitation(code: string): string {
  return createHash('sha256').update(code).digest('hex');
}

/** Seals a code for the job that mails it. */
export function sealInvitation({ authSealer }: Pick<SealScope, 'authSealer'>, code: string): Promise<string> {
  return authSealer.seal(code, SEALED);
}

/** Opens the code of a job. Returns `null` if the code can no longer be read. */
export function openInvitation({ authSealer }: Pick<SealScope, 'authSealer'>, sealed: string): Promise<string | null> {
  return authSealer.open(sealed, SEALED);
}

/** An invitation by the hash of its code; `null` if it never existed or was used. */
interface StoredInvitation {
  userId: string;
  expiresAt: number;
}

/**
 * Invitations by code. Sign-in reads the row itself, because a code is used once, and uses only the guard of this
 * query: so a stranger who tries codes causes no query of the database.
 */
export const invitationByHash = query('invitation', {
  ttl: '30s',
  guard: bloom<{ hash: string }>({
    expected: 100_000,
    async members(store, cursor) {
      const [tenant = '', user = ''] = cursor.split(' ');
      const rows = await store.query<StoredMember>(PAGE, [tenant, user, ROWS]);
      const last = rows.length === ROWS ? rows.at(-1) : undefined;
      return {
        members: rows.map((row) => ({ tenant: row.tenant_id, args: { hash: row.secret_hash } })),
        next: last ? `${last.tenant_id} ${last.user_id}` : null,
      };
    },
  }),
  load: async ({ hash }, { tenant, db }: DataContext): Promise<StoredInvitation | null> => {
    const found = await (await db()).invitation.findUnique({
      where: { tenantId_secretHash: { tenantId: tenant, secretHash: hash } },
      select: { userId: true, expiresAt: true },
    });
    return found && { userId: found.userId, expiresAt: found.expiresAt.getTime() };
  },
});

const ROWS = 5_000;
const PAGE = `
  SELECT tenant_id, user_id, secret_hash FROM invitations
  WHERE (tenant_id, user_id) > ($1, $2) ORDER BY tenant_id, user_id LIMIT $3::int`;

interface StoredMember {
  tenant_id: string;
  user_id: string;
  secret_hash: string;
}

/** Finds the id of the invited user. Returns `null` if the invitation has ended or never existed. 1 query. */
export async function invitedUser(context: DataContext, code: string): Promise<string | null> {
  const [found] = await invitationByHash.load([{ hash: hashOfInvitation(code) }], context);
  return found && context.now() < found.expiresAt ? found.userId : null;
}
