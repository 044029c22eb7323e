/** The ledger of the demo: each entry is a transaction of two postings, and each balance is the sum of its postings. */
import { createHash } from 'node:crypto';
import type { Prisma } from '../../src/generated/node/client.ts';
import type { World } from './world.ts';

/** The rows of the ledger, and the currency of its amounts. */
export interface LedgerRows {
  currency: string;
  accounts: Prisma.AccountCreateManyInput[];
  ledgerTransactions: Prisma.LedgerTransactionCreateManyInput[];
  postings: Prisma.PostingCreateManyInput[];
}

/** An entry of a patient's account, in whole units of the currency. */
interface Entry {
  kind: 'charge' | 'payment';
  amount: number;
  at: Date;
}

const OTHER_SIDE = { charge: 'revenue', payment: 'cash' } as const;

/** Adds an entry to the account of a patient, and its opposite to the account of the tenant. */
export function addEntry(world: World, rows: LedgerRows, accountId: string, { kind, amount, at }: Entry): void {
  const { tenantId } = world;
  const id = world.id('ledger', at);
  const keyDigest = createHash('sha256').update(`seed-${id}`).digest('hex');
  rows.ledgerTransactions.push({ tenantId, id, kind, keyDigest, requestDigest: '', postingCount: 2, createdAt: at });
  const change = kind === 'charge' ? amount : -amount;
  addPosting(rows, accountId, id, change);
  addPosting(rows, accountOfTenant(world, rows, OTHER_SIDE[kind], at), id, -change);
}

function addPosting(
  { accounts, postings }: LedgerRows,
  accountId: string,
  transactionId: string,
  amount: number,
): void {
  const account = accounts.find(({ id }) => id === accountId);
  if (!account) throw new Error(`There is no account ${accountId}`);
  account.balance = Number(account.balance ?? 0) + amount;
  account.version = (account.version ?? 0) + 1;
  const { tenantId, version, balance } = account;
  postings.push({ tenantId, accountId, transactionId, amount, version, balance });
}

function accountOfTenant(world: World, { accounts, currency }: LedgerRows, kind: 'revenue' | 'cash', at: Date): string {
  const found = accounts.find(({ code }) => code === kind);
  if (found) return found.id;
  const id = world.id('account', at);
  accounts.push({ tenantId: world.tenantId, id, kind, code: kind, currency, createdAt: at, updatedAt: at });
  return id;
}
