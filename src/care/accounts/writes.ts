/** The writes of the ledger: an entry against the account that follows from its kind, and its reversal. */

import type { Transaction } from '../../platform/db/index.ts';
import { notFound, ProblemError, type TenantScope } from '../../platform/http/index.ts';
import { fingerprintsOf } from '../../platform/locks/index.ts';
import { requireSealer } from '../sealing/columns.ts';
import { ensureAccount } from './open.ts';
import { post } from './post.ts';
import type { AccountKind, NewEntry, Posted } from './schema.ts';

/** The account on the other side of an entry, and whether the entry raises the balance of the patient or insurer. */
const OTHER_SIDE: Readonly<Record<NewEntry['kind'], { kind: Exclude<AccountKind, 'patient'>; raises: boolean }>> = {
  charge: { kind: 'revenue', raises: true },
  payment: { kind: 'cash', raises: false },
  adjustment: { kind: 'adjustment', raises: true },
  claim: { kind: 'insurer', raises: false },
};

/** Posts an entry to the account of a patient, or a payment to that of an insurer. `key` names the request. */
export function addEntry(tenant: TenantScope, accountId: string, entry: NewEntry, key: string): Promise<Posted> {
  const { kind, amount, insurer, memo } = entry;
  return tenant.commit(async (tx) => {
    const account = await findAccount(tx, accountId);
    if (account.kind !== 'patient' && !(account.kind === 'insurer' && kind === 'payment')) {
      throw new ProblemError(
        409,
        'NOT_POSTABLE',
        'Entries are for accounts of patients, and payments for insurers too',
      );
    }
    const { kind: otherKind, raises } = OTHER_SIDE[kind];
    const code = insurer === undefined ? otherKind : `insurer:${insurer}`;
    const { row: other } = await ensureAccount(tx, { kind: otherKind, code, currency: account.currency });
    const legs = [
      { accountId, amount: raises ? amount : negative(amount) },
      { accountId: other.id, amount: raises ? negative(amount) : amount },
    ];
    const content = JSON.stringify([kind, amount, insurer, memo]);
    const request = await fingerprintsOf(['entry', accountId, content], tx.tenant, requireSealer(tx));
    return post(tx, { kind, key, request, legs, memo });
  });
}

/** Posts the opposite of a transaction. `key` names the request. */
export function reverse(tenant: TenantScope, id: string, key: string, memo?: string): Promise<Posted> {
  return tenant.commit(async (tx) => {
    const where = { tenantId_id: { tenantId: tx.tenant, id } };
    const found = await tx.db.ledgerTransaction.findUnique({ where, select: { kind: true, postings: true } });
    if (!found) throw notFound('transaction');
    if (found.kind === 'reversal')
      throw new ProblemError(409, 'NOT_REVERSIBLE', 'A reversal is not reversed; post again');
    const legs = found.postings.map(({ accountId, amount }) => ({ accountId, amount: negative(amount.toFixed()) }));
    const request = await fingerprintsOf(['reversal', id, JSON.stringify([memo])], tx.tenant, requireSealer(tx));
    return post(tx, { kind: 'reversal', key, request, legs, memo, reversesId: id });
  });
}

async function findAccount({ db, tenant }: Transaction, id: string) {
  const where = { tenantId_id: { tenantId: tenant, id } };
  const account = await db.account.findUnique({ where, select: { kind: true, currency: true } });
  if (!account) throw notFound('account');
  return account;
}

function negative(amount: string): string {
  return amount.startsWith('-') ? amount.slice(1) : `-${amount}`;
}
