/** The lock of a tenant's imports. */
import type { Transaction } from '../../platform/db/index.ts';

/**
 * Lets only one import of a tenant write at a time, until the transaction ends. E-mail addresses are not unique in the
 * database, so two concurrent imports could add the same contact twice. 1 statement.
 */
export async function lockImports({ db, tenant }: Transaction): Promise<void> {
  await db.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`import:${tenant}`}, 0))`;
}
