/** A source of members for the guard of a query: rows, and transactions that are under way. */
import type { RebuildServices } from '../../src/platform/cache/rebuild-guard.ts';

/** The members of a source. */
export interface MemberSource {
  readonly ids: string[];
  /** The number of loads of single values. */
  loads: number;
  /** The number of pages that rebuilds have read. */
  pages: number;
  /** Called before the first page of a rebuild is read. */
  beforePages: () => Promise<unknown>;
  store: RebuildServices['store'];
}

/** Creates a source with these ids. No transaction is under way in it. */
export function memberSource(ids: readonly string[] = []): MemberSource {
  const source: MemberSource = {
    ids: [...ids],
    loads: 0,
    pages: 0,
    beforePages: async () => undefined,
    store: {
      async query<Row extends object>(text: string, values: readonly unknown[]): Promise<Row[]> {
        if (text.includes('pg_snapshot')) return [{ id: '7' }] as unknown as Row[];
        if (source.pages === 0) await source.beforePages();
        source.pages += 1;
        const after = String(values[0]);
        const page = source.ids.toSorted().filter((id) => id > after);
        return page.slice(0, PAGE).map((id) => ({ id })) as unknown as Row[];
      },
    },
  };
  return source;
}

/** The number of rows of a page. */
export const PAGE = 400;
