/** The tenant that a command is about. */
import { lockGrants } from '../src/identity/index.ts';
import type { Transaction } from '../src/platform/db/index.ts';
import { UsageError } from './command.ts';

/** `--tenant`, for commands that work in one. */
export const TENANT_OPTION = {
  tenant: { type: 'string', value: 'slug', help: 'The tenant, such as acme' },
} as const;

/**
 * Takes the lock under which rights are given, if there is such a tenant.
 * @throws {UsageError}
 */
export async function holdTenant({ db, tenant }: Transaction): Promise<void> {
  if (!(await lockGrants(db, tenant))) throw new UsageError(`There is no tenant ${tenant}`);
}
