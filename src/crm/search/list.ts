/** The search of lists and exports: the rows in the order of the list. */
import type { PrismaClient } from '../../platform/db/index.ts';
import { type SearchedList, type SearchKind, searchedIds } from '../../platform/search/index.ts';

/** The part of a list whose rows are asked for. */
export interface ListPart extends Pick<SearchedList, 'tenant' | 'order' | 'after' | 'limit'> {
  /** The client of the scope or of a transaction. */
  client: Pick<PrismaClient, '$queryRawUnsafe'>;
}

/**
 * Returns the ids of the rows of a part that match a text, as a condition; `otherwise` for a text without a word of two
 * letters. Every other filter of the list must be given as a label: the part has only as many ids as the list asks for,
 * so a later filter would leave too few. 1 statement.
 */
export async function idsMatching<Otherwise>(
  { client, ...part }: ListPart,
  { kind }: SearchKind,
  text: string,
  labels: SearchedList['labels'] & object,
  otherwise: Otherwise,
): Promise<{ id: { in: string[] } } | Otherwise> {
  const store = {
    query: <Row extends object>(sql: string, values: readonly unknown[]): Promise<Row[]> =>
      client.$queryRawUnsafe<Row[]>(sql, ...values),
  };
  const ids = await searchedIds(store, { ...part, kind, text, labels });
  return ids === null ? otherwise : { id: { in: ids } };
}
