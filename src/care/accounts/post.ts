/**
 * Posts a transaction to the ledger: double entry, append-only. The accounts are locked in the order of their ids, so
 * two transactions never wait for each other in a circle, and a balance is always the sum of its postings. Triggers of
 * the database refuse postings that do not add up to zero, and every change of a posting.
 */
import { createHash } from 'node:crypto';
import type { Transaction } from '../../platform/db/index.ts';
import { append } from '../../platform/events/index.ts';
import { notFound, ProblemError } from '../../platform/http/index.ts';
import { placesOf, requirePlaces } from '../../platform/rest/index.ts';
import { sealColumn } from '../sealing/columns.ts';
import { careTags } from '../tags.ts';
import { ledgerEvents } from './events.ts';
import type { LedgerKind, Posted } from './schema.ts';

/** The change of one account: exact decimal text, negative for the other side. */
export interface Leg {
  accountId: string;
  amount: string;
}

/** A transaction to post. */
export interface NewTransaction {
  kind: LedgerKind;
  /** The caller's name of the request. A repeat with the same name and request changes nothing. */
  key: string;
  /** The fingerprints of the request. The first one is stored. */
  request: readonly [string, ...string[]];
  /** At least two legs, of different accounts, which add up to zero. */
  legs: readonly Leg[];
  memo?: string | undefined;
  reversesId?: string;
}

interface AccountRow {
  id: string;
  patientId: string | null;
  currency: string;
}

/**
 * Posts a transaction. 7 statements; a repeat has 3. An account that does not exist is answered with 404.
 * @throws {ProblemError} 422 `IDEMPOTENCY_KEY_REUSED` for the key of another request; 409 `ALREADY_REVERSED`; 409
 * `OTHER_CURRENCY` for accounts of two currencies; 400 for more decimal places than the currency has.
 */
export async function post(tx: Transaction, transaction: NewTransaction): Promise<Posted> {
  const { kind, legs, memo, request, reversesId = null } = transaction;
  const id = tx.system.rowId('ledger');
  const at = new Date(tx.system.now());
  const keyDigest = createHash('sha256').update(transaction.key).digest('hex');
  const sealedMemo = memo === undefined ? null : await sealColumn(tx, 'ledger_transactions.sealed_memo', id, memo);
  // If a concurrent transaction has this key, this statement waits for its end, and then its row prevents the
  // insertion.
  const added = await tx.db.$queryRaw<unknown[]>`
    INSERT INTO ledger_transactions (tenant_id, id, kind, reverses_id, key_digest, request_digest, sealed_memo, actor_id,
      posting_count, created_at)
    VALUES (${tx.tenant}, ${id}, ${kind}::ledger_kind, ${reversesId}, ${keyDigest}, ${request[0]}, ${sealedMemo},
      ${tx.actorId}, ${legs.length}::int, ${at})
    ON CONFLICT DO NOTHING RETURNING id`;
  if (added.length === 0) return earlier(tx, keyDigest, request);

  const accounts = await lockAccounts(tx, legs);
  const currencies = new Set(accounts.map(({ currency }) => currency));
  if (currencies.size > 1) throw new ProblemError(409, 'OTHER_CURRENCY', 'The accounts have different currencies');
  for (const { amount } of legs) for (const currency of currencies) requirePlaces(amount, currency, 'amount');
  await tx.db.$executeRaw`
    WITH legs AS (SELECT * FROM unnest(${legs.map(({ accountId }) => accountId)}::text[],
      ${legs.map(({ amount }) => amount)}::numeric[]) AS leg (id, amount)),
    changed AS (
      UPDATE accounts a SET balance = a.balance + legs.amount, version = a.version + 1, updated_at = ${at}
      FROM legs WHERE a.tenant_id = ${tx.tenant} AND a.id = legs.id
      RETURNING a.id, a.version, a.balance, legs.amount)
    INSERT INTO postings (tenant_id, account_id, version, transaction_id, amount, balance)
    SELECT ${tx.tenant}, id, version, ${id}, amount, balance FROM changed`;

  const ids = accounts.map((account) => account.id);
  await append(tx, ledgerEvents, id, { type: 'posted', data: { kind, accounts: ids } });
  const patientId = accounts.find((account) => account.patientId !== null)?.patientId ?? undefined;
  const data = { kind, accounts: ids, ...(reversesId === null ? {} : { reversesId }) };
  const entity = { type: 'ledger', id };
  await tx.audit({ action: 'ledger.posted', entity, data, ...(patientId === undefined ? {} : { patientId }) });
  for (const account of accounts) tx.invalidate(careTags.account(account.id));
  return posted(tx, id);
}

/** Locks the accounts of the legs, in the order of their ids. */
async function lockAccounts({ db, tenant }: Transaction, legs: readonly Leg[]): Promise<AccountRow[]> {
  const ids = [...new Set(legs.map(({ accountId }) => accountId))];
  const accounts = await db.$queryRaw<AccountRow[]>`
    SELECT id, patient_id AS "patientId", currency FROM accounts
    WHERE tenant_id = ${tenant} AND id = ANY(${ids}) ORDER BY id FOR UPDATE`;
  if (accounts.length < ids.length) throw notFound('account');
  return accounts;
}

/** Returns the transaction that has the key already, if it was made by the same request. */
async function earlier(tx: Transaction, keyDigest: string, request: readonly string[]): Promise<Posted> {
  const where = { tenantId_keyDigest: { tenantId: tx.tenant, keyDigest } };
  const found = await tx.db.ledgerTransaction.findUnique({ where, select: { id: true, requestDigest: true } });
  if (!found) throw new ProblemError(409, 'ALREADY_REVERSED', 'The entry was reversed already');
  if (request.includes(found.requestDigest)) return posted(tx, found.id);
  throw new ProblemError(422, 'IDEMPOTENCY_KEY_REUSED', 'This Idempotency-Key was used for another request');
}

/** Returns a transaction as answers show it. */
async function posted({ db, tenant }: Transaction, id: string): Promise<Posted> {
  const { kind, postings } = await db.ledgerTransaction.findUniqueOrThrow({
    where: { tenantId_id: { tenantId: tenant, id } },
    select: {
      kind: true,
      postings: {
        orderBy: { accountId: 'asc' },
        select: {
          accountId: true,
          amount: true,
          balance: true,
          version: true,
          account: { select: { currency: true } },
        },
      },
    },
  });
  const accounts = postings.map(({ accountId, amount, balance, version, account }) => {
    const places = placesOf(account.currency);
    return { id: accountId, amount: amount.toFixed(places), balance: balance.toFixed(places), version };
  });
  return { id, kind, accounts };
}
