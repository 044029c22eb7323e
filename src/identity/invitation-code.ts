/**
 * The code of an invitation: 128 random bits in the mailed link. So long a code cannot be guessed and needs no limit on
 * guesses; a limit could be used up by strangers. PostgreSQL stores only a hash of the code. In the job that mails the
 * code, the code is sealed.
 */
import { createHash } from 'node:crypto';
import type { PrismaClient } from '../platform/db/index.ts';
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

/** Finds the id of the invited user. Returns `null` if the invitation has ended or never existed. 1 query. */
export async function invitedUser(
  client: PrismaClient,
  tenantId: string,
  code: string,
  now: number,
): Promise<string | null> {
  const found = await client.invitation.findUnique({
    where: { tenantId_secretHash: { tenantId, secretHash: hashOfInvitation(code) } },
    select: { userId: true, expiresAt: true },
  });
  return found && now < found.expiresAt.getTime() ? found.userId : null;
}
