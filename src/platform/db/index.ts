/** Postgres through Prisma. */
import './decimal.ts';

export type { PrismaClient } from '#prisma';
export {
  type Database,
  type DatabaseOptions,
  openDatabase,
  type QueryMeter,
  type TransactionClient,
} from './client.ts';
export { type IsolatePoolOptions, openIsolatePool } from './isolate-pool.ts';
export { type DatabasePool, openDatabasePool, type PoolUse } from './pool.ts';
export { lockReferringRows, lockRow } from './row-lock.ts';
export type { Transaction } from './transaction.ts';
