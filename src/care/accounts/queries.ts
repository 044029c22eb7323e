/**
 * The cached values of the ledger. Each is strictly fresh: a posting ends the values of its accounts before it is
 * acknowledged, so no reader sees an older balance afterwards.
 */
import { z } from '@hono/zod-openapi';
import { query } from '../../platform/cache/index.ts';
import { type DataContext, idSchema } from '../../platform/http/index.ts';
import { placesOf } from '../../platform/rest/index.ts';
import { openColumn } from '../sealing/columns.ts';
import { careTags } from '../tags.ts';
import type { Account, AccountKind, Entry, TrialBalance } from './schema.ts';

// Most entries change an account of the tenant, so a reader waits only a short time for the load of another reader.
const sealed = { ttl: '1m', sealed: true, onTimeout: 'load' } as const;

/** The columns of an account that answers show. */
export interface AccountColumns {
  id: string;
  kind: AccountKind;
  code: string;
  patientId: string | null;
  currency: string;
  balance: { toFixed(places: number): string };
  version: number;
}

export function toAccount({ id, kind, code, patientId, currency, balance, version }: AccountColumns): Account {
  const insurer = kind === 'insurer' ? code.slice('insurer:'.length) : null;
  return { id, kind, patientId, insurer, currency, balance: balance.toFixed(placesOf(currency)), version };
}

/** One account, or `null`. */
export const accountById = query('care.account', {
  ...sealed,
  args: z.strictObject({ id: idSchema }),
  tags: ({ id }: { id: string }) => [careTags.account(id)],
  load: async ({ id }, { tenant, db }: DataContext): Promise<Account | null> => {
    const row = await (await db()).account.findUnique({ where: { tenantId_id: { tenantId: tenant, id } } });
    return row && toAccount(row);
  },
});

/** The ids of a patient's accounts; `null` for an unknown patient. Their balances are values of their own. */
export const accountsOfPatient = query('care.accounts', {
  ...sealed,
  args: z.strictObject({ patientId: idSchema }),
  tags: ({ patientId }: { patientId: string }) => [careTags.accounts(patientId)],
  load: async ({ patientId }, { tenant, db }: DataContext): Promise<string[] | null> => {
    const patient = await (await db()).patient.findUnique({
      where: { tenantId_id: { tenantId: tenant, id: patientId } },
      select: { accounts: { select: { id: true }, orderBy: { id: 'asc' }, take: 100 } },
    });
    return patient?.accounts.map(({ id }) => id) ?? null;
  },
});

/** A page of an account's entries, the newest first; `null` for an unknown account. */
export const entryPage = query('care.entries', {
  ...sealed,
  args: z.strictObject({ id: idSchema, limit: z.int(), cursor: z.string().optional() }),
  tags: ({ id }: { id: string; limit: number; cursor?: string | undefined }) => [careTags.account(id)],
  load: async ({ id, limit, cursor }, context: DataContext) => {
    const account = await (await context.db()).account.findUnique({
      where: { tenantId_id: { tenantId: context.tenant, id } },
      select: {
        ...{ currency: true, patientId: true },
        postings: {
          ...{ orderBy: { version: 'desc' }, take: limit + 1, include: { transaction: true } },
          ...(cursor === undefined ? {} : { where: { version: { lt: Number(cursor) } } }),
        },
      },
    });
    if (!account) return null;
    const places = placesOf(account.currency);
    const shown = account.postings.slice(0, limit);
    const items = await Promise.all(
      shown.map(async ({ version, amount, balance, transaction: { id, kind, reversesId, sealedMemo, createdAt } }) => ({
        ...{ id, version, kind, reversesId },
        ...{ amount: amount.toFixed(places), balance: balance.toFixed(places) },
        memo: sealedMemo === null ? null : await openColumn(context, 'ledger_transactions.sealed_memo', id, sealedMemo),
        at: createdAt.toISOString(),
      })),
    );
    const isLast = account.postings.length <= limit;
    const nextCursor = isLast ? null : String(shown.at(-1)?.version);
    return { patientId: account.patientId, page: { items: items satisfies Entry[], nextCursor } };
  },
});

/** Adds up the balances of the tenant by kind. 1 statement. */
export async function trialBalance({ tenant, db }: Pick<DataContext, 'tenant' | 'db'>): Promise<TrialBalance> {
  const groups = await (await db()).account.groupBy({
    by: ['currency', 'kind'],
    where: { tenantId: tenant },
    orderBy: [{ currency: 'asc' }, { kind: 'asc' }],
    _sum: { balance: true },
  });
  const items = groups.map(({ currency, kind, _sum: { balance } }) => ({
    ...{ currency, kind },
    balance: balance?.toFixed(placesOf(currency)) ?? '0',
  }));
  const totals = [...new Set(items.map(({ currency }) => currency))].map((currency) => {
    const balances = groups.filter((group) => group.currency === currency).map(({ _sum }) => _sum.balance);
    const total = balances.reduce((sum, balance) => (balance && sum ? sum.plus(balance) : (sum ?? balance)), null);
    return { currency, total: total?.toFixed(placesOf(currency)) ?? '0' };
  });
  return { items, totals };
}
