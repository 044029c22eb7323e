/** The search of lists and exports: the rows in the order of the list. */
import type { PrismaClient } from '../../platform/db/index.ts';
import { type SearchedList, type SearchKind, searchedIds } from '../../platform/search/index.ts';

/** The part of a list whose rows are asked for. */
export interface ListPart extends Pick<SearchedList, 'tenant' | 'order' | 'after' | 'limit'> {
  /** The client of the scope or of a transaction. */
  client: Pick<PrismaClient, '$queryRawUnsafe'>;
}

/**
 * Returns the ids of the rows of a part that match a text, as a condition. Every other filter of the list must be given
 * as a label or a condition: the part has only as many ids as the list asks for, so a later filter would leave too few.
 * 1 statement for a part with rows, otherwise at most 4.
 */
export async function idsMatching(
  { client, ...part }: ListPart,
  { kind }: SearchKind,
  text: string,
  filter: Pick<SearchedList, 'labels' | 'conditions'>,
): Promise<{ id: { in: string[] } }> {
  const store = {
    query: <Row extends object>(sql: string, values: readonly unknown[]): Promise<Row[]> =>
      client.$queryRawUnsafe<Row[]>(sql, ...values),
  };
  return { id: { in: await searchedIds(store, { ...part, ...filter, kind, text }) } };
}
