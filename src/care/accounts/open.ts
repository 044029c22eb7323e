/** Opens accounts: of a patient, of an insurer, and those of the tenant, which open with their first entry. */
import type { Transaction } from '../../platform/db/index.ts';
import type { TenantScope } from '../../platform/http/index.ts';
import { requirePatient } from '../patients/require.ts';
import { careTags } from '../tags.ts';
import { type AccountColumns, toAccount } from './queries.ts';
import type { Account, AccountKind } from './schema.ts';

/** An account by its meaning. */
interface Wanted {
  kind: AccountKind;
  code: string;
  currency: string;
  patientId?: string;
}

/** Returns the account of a patient in the currency of the tenant, and opens a missing one. */
export function openAccount(tenant: TenantScope, patientId: string): Promise<Account> {
  return tenant.commit(async (tx) => {
    await requirePatient(tx, patientId);
    const { currency } = await tx.db.tenant.findUniqueOrThrow({
      where: { id: tx.tenant },
      select: { currency: true },
    });
    const { row, isNew } = await ensureAccount(tx, {
      ...{ kind: 'patient', code: `patient:${patientId}`, currency, patientId },
    });
    if (isNew) {
      tx.invalidate(careTags.accounts(patientId));
      await tx.audit({ action: 'account.opened', entity: { type: 'account', id: row.id }, patientId });
    }
    return toAccount(row);
  });
}

/** Returns an account, and adds it if it does not exist. Concurrent writes get the same account. 1 or 2 statements. */
export async function ensureAccount(
  { db, tenant, system }: Transaction,
  { kind, code, currency, patientId }: Wanted,
): Promise<{ row: AccountColumns; isNew: boolean }> {
  const at = new Date(system.now());
  const added = await db.account.createManyAndReturn({
    data: [
      {
        ...{ tenantId: tenant, id: system.rowId('account'), kind, code, currency },
        ...{ patientId: patientId ?? null, createdAt: at },
      },
    ],
    skipDuplicates: true,
  });
  const [row] = added;
  if (row) return { row, isNew: true };
  const where = { tenantId_code_currency: { tenantId: tenant, code, currency } };
  return { row: await db.account.findUniqueOrThrow({ where }), isNew: false };
}
