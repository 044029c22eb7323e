/** The services of a query's loader. */
import type { LoadContext } from '../cache/index.ts';
import type { PrismaClient } from '../db/index.ts';
import type { Sealer } from '../redis/index.ts';

/** The context of loaders: the tenant, and the database when they need it. */
export interface DataContext extends LoadContext {
  /** Returns the time in ms since the epoch. */
  now(): number;
  /** Returns the Prisma client, which is made at the first call. */
  db(): Promise<PrismaClient>;
  /** Opens sealed columns; `null` without the setting SEAL_KEYS. */
  readonly sealer: Sealer | null;
}
