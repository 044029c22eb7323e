/** The tenant of a command: its option and its lock. */
import { lockGrants } from '../src/identity/index.ts';
import type { Transaction } from '../src/platform/db/index.ts';
import { UsageError } from './usage-error.ts';

/** The option `--tenant` of commands within a tenant. */
export const TENANT_OPTION = {
  tenant: { type: 'string', value: 'slug', help: 'The tenant, such as acme' },
} as const;

/**
 * Takes the tenant's lock for changes of rights.
 * @throws {UsageError} if the tenant does not exist.
 */
export async function holdTenant({ db, tenant }: Transaction): Promise<void> {
  if (!(await lockGrants(db, tenant))) throw new UsageError(`There is no tenant ${tenant}`);
}
