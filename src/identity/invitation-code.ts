/**
 * The code of an invitation: 128 random bits in the link that is mailed. So many bits need no budget of guesses, and so
 * no stranger can use one up. PostgreSQL keeps a hash; until it is mailed, the code waits sealed in its job.
 */
import { createHash } from 'node:crypto';
import type { PrismaClient } from '../platform/db/index.ts';
import type { Scope } from '../platform/http/index.ts';

/** How long an invitation is good, in ms. */
export const INVITATION_MS = 7 * 86_400_000;

const SEALED = ['invitation'];

/** What is kept of a code: SHA-256 is enough for 128 random bits. */
export function hashOfInvitation(code: string): string {
  return createHash('sha256').update(code).digest('hex');
}

/** Seals a code for the job that mails it. */
export function sealInvitation({ authSealer }: Scope, code: string): Promise<string> {
  return authSealer.seal(code, SEALED);
}

/** The code of a job, or `null` if it cannot be read any more. */
export function openInvitation({ authSealer }: Scope, sealed: string): Promise<string | null> {
  return authSealer.open(sealed, SEALED);
}

/** Whose invitation this is, or `null` if it is over or never was. 1 query. */
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
