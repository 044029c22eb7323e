/** The services of a query's loader. */
import type { LoadContext } from '../cache/index.ts';
import type { PrismaClient } from '../db/index.ts';

/** The context of loaders: the tenant, and the database when they need it. */
export interface DataContext extends LoadContext {
  /** The Prisma client, made on first use. */
  db(): Promise<PrismaClient>;
}
