/**
 * Read-through for a single row: declares the query that loads a row of a Prisma model by tenant and id. Several rows
 * of a model are loaded with one statement.
 */
import { type LoadContext, type Query, query, type StandardSchema } from '../platform/cache/index.ts';
import type { PrismaClient } from '../platform/db/index.ts';
import type { Duration } from '../platform/duration.ts';
import type { Tag } from '../platform/redis/index.ts';

/** Models whose rows are found by tenant and id. */
export type RowModel = 'user' | 'company' | 'contact' | 'deal' | 'project' | 'task';

/** A row of a model, as Prisma returns it. */
export type RowOf<Model extends RowModel> = NonNullable<Awaited<ReturnType<PrismaClient[Model]['findFirst']>>>;

/** The services of row loaders. */
export interface RowContext extends LoadContext {
  db(): Promise<PrismaClient>;
}

/** The settings for the caching and the conversion of rows. */
export interface RowOptions<Row, Value, Ready = Row> {
  ttl: Duration;
  stale?: Duration;
  /** Checks arguments from outside; see `QueryDefinition`. */
  args?: StandardSchema<{ id: string }>;
  /** Returns the tag of one row. */
  tag: (id: string) => Tag;
  /** The tags of other data that every value shows. */
  alsoTags?: readonly Tag[];
  /** Adds to the rows what the conversion needs beside their columns. */
  prepare?: (client: PrismaClient, tenant: string, rows: readonly Row[]) => Promise<readonly Ready[]>;
  /** Converts a row to the value that is cached and answered. Leaves out the fields that no caller may see. */
  map: (row: Ready) => Value;
}

/**
 * Declares the query of a model's rows. The value of a row that does not exist is `null`.
 * @example
 * ```ts
 * export const companyById = row('company', { ttl: '1h', tag: companyTags.one, map: toCompany });
 * ```
 */
export function row<Model extends RowModel, Value, Ready extends { id: string } = RowOf<Model>>(
  model: Model,
  { ttl, stale, args, tag, alsoTags = [], prepare, map }: RowOptions<RowOf<Model>, Value, Ready>,
): Query<{ id: string }, Value | null, RowContext> {
  return query(model, {
    ttl,
    ...(stale === undefined ? {} : { stale }),
    ...(args === undefined ? {} : { args }),
    tags: ({ id }) => [tag(id), ...alsoTags],
    async loadMany(all, { tenant, db }) {
      const client = await db();
      const delegate = client[model] as unknown as RowFinder<RowOf<Model> & { id: string }>;
      const rows = await delegate.findMany({ where: { tenantId: tenant, id: { in: all.map(({ id }) => id) } } });
      // Without `prepare`, the rows are ready as they are.
      const ready = (await prepare?.(client, tenant, rows)) ?? (rows as unknown as readonly Ready[]);
      const byId = new Map(ready.map((found) => [found.id, found]));
      return all.map(({ id }) => {
        const found = byId.get(id);
        return found ? map(found) : null;
      });
    },
  });
}

/** The method `findMany` of every model. Prisma's own types of these methods differ only in the columns. */
interface RowFinder<Row> {
  findMany(args: { where: { tenantId: string; id: { in: string[] } } }): Promise<Row[]>;
}
