/**
 * How debts are paid. A write may owe the world more than invalidations: jobs, events. The outbox keeps such a debt by
 * its kind, and whoever knows the kind hands in a payer for it, so that the database's room knows none of them.
 */
import { isRefusal, type RedisKey, type Tag, versionKey } from '../redis/index.ts';
import type { Invalidator, Settled } from './invalidator.ts';

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

/** The kind of an invalidation that may not have been settled. */
export const INVALIDATE = 'invalidate';
/** The kind of an invalidation that was settled, and is looked at once more: Redis may have forgotten it since. */
export const SECOND_LOOK = 'invalidate-again';

/** An invalidation that is owed: the tags, and the writer whose marks they may have. */
export interface InvalidationPayload {
  writer: string;
  /** What the versions begin with that the writer gives the tags. Rows of earlier releases have none. */
  version?: string;
  tags: Tag[];
}

/**
 * Pays invalidations: one request for all, because what is asked in one turn leaves together. Where Redis refuses new
 * versions the old ones are deleted.
 */
export function invalidationPayer(invalidator: Invalidator): Payer {
  return (debts) =>
    Promise.allSettled(
      debts.map(async (debt) => {
        const { writer } = debt.payload as InvalidationPayload;
        const keys = keysOf(debt);
        // Another version than the writer's own: its settle may have arrived, and may arrive again.
        await invalidator.settle(keys, writer).catch((error: unknown) => endIfRefused(invalidator, keys, error));
      }),
    );
}

/** Looks at settled invalidations once more, and ends again what Redis has forgotten. One command for all of them. */
export function secondLookPayer(invalidator: Invalidator): Payer {
  return async (debts) => {
    const settled = new Map<RedisKey, Settled>();
    for (const debt of debts) {
      const { writer, version = '' } = debt.payload as InvalidationPayload;
      for (const key of keysOf(debt)) {
        const other = settled.get(key);
        // The later of two versions is not known here, so a tag that several writes changed is ended in any case.
        settled.set(key, other ? { version: '', writers: [...other.writers, writer] } : { version, writers: [writer] });
      }
    }
    await invalidator
      .endUnless(settled)
      .catch((error: unknown) => endIfRefused(invalidator, [...settled.keys()], error));
    return debts.map(() => ({ status: 'fulfilled', value: undefined }));
  };
}

async function endIfRefused(invalidator: Invalidator, keys: readonly RedisKey[], error: unknown): Promise<void> {
  if (!isRefusal(error)) throw error;
  await invalidator.end(keys);
}

function keysOf({ tenant, payload }: Debt): RedisKey[] {
  return (payload as InvalidationPayload).tags.map((each) => versionKey(tenant, each));
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
