/**
 * How debts are paid. A write may owe the world more than invalidations: jobs, events. The outbox keeps such a debt by
 * its kind, and whoever knows the kind hands in a payer for it, so that the database's room knows none of them.
 */
import { type Tag, versionKey } from '../redis/index.ts';
import type { Invalidator } from './invalidator.ts';

/** Something a committed write owes. */
export interface Debt {
  /** The id of its outbox row. */
  id: string;
  tenant: string;
  payload: unknown;
}

/**
 * Pays debts of one kind, all in as few requests as it can, and says of each whether it was paid. Must be harmless when
 * repeated: a debt is paid again if whoever paid it died before it could say so.
 */
export type Payer = (debts: readonly Debt[]) => Promise<PromiseSettledResult<unknown>[]>;

/** Payers by kind of debt. */
export type Payers = Readonly<Partial<Record<string, Payer>>>;

/** An invalidation that is owed: the tags, and the writer whose marker stands on them. */
export interface InvalidationPayload {
  writer: string;
  tags: Tag[];
}

/** Pays invalidations: one request for all, because what is asked in one turn leaves together. */
export function invalidationPayer(invalidator: Invalidator): Payer {
  return (debts) =>
    Promise.allSettled(
      debts.map(({ tenant, payload }) => {
        const { tags, writer } = payload as InvalidationPayload;
        return invalidator.settle(
          tags.map((each) => versionKey(tenant, each)),
          writer,
        );
      }),
    );
}

/** Pays debts of any kinds, in their order; a kind that nobody can pay fails. */
export async function payAll(
  debts: readonly (Debt & { kind: string })[],
  payers: Payers,
): Promise<PromiseSettledResult<unknown>[]> {
  const outcomes = new Map<string, PromiseSettledResult<unknown>>();
  const kinds = new Set(debts.map(({ kind }) => kind));
  await Promise.all(
    [...kinds].map(async (kind) => {
      const owed = debts.filter((debt) => debt.kind === kind);
      const paid = await pay(owed, payers[kind]);
      for (const [index, { id }] of owed.entries()) {
        outcomes.set(id, paid[index] ?? rejected(new Error('The payer did not say whether it paid')));
      }
    }),
  );
  return debts.map(({ id, kind }) => outcomes.get(id) ?? rejected(new Error(`Nobody pays debts of kind ${kind}`)));
}

async function pay(debts: readonly Debt[], payer: Payer | undefined): Promise<PromiseSettledResult<unknown>[]> {
  if (!payer) return debts.map(() => rejected(new Error('Nobody pays debts of this kind')));
  try {
    return await payer(debts);
  } catch (error) {
    return debts.map(() => rejected(error));
  }
}

function rejected(reason: unknown): PromiseRejectedResult {
  return { status: 'rejected', reason };
}
