/** PostgreSQL behind one small interface, and the errors of a database. */
export { DatabaseError, type DatabaseErrorCode, type DatabaseErrorDetails, toDatabaseError } from './errors.ts';
export { type PgConnection, type PgPool, type PgQueryable, type PgStoreOptions, pgStore } from './pg-store.ts';
export { type PrismaQueryable, type PrismaTransactor, prismaStore } from './prisma-store.ts';
export type { SqlStore, SqlValue, TransactionLimits } from './store.ts';
