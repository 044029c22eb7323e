/** Postgres through Prisma, and the one way to write. */
export type { PrismaClient } from '#prisma';
export { type Database, type DatabaseOptions, openDatabase } from './client.ts';
export {
  type CommitOptions,
  type CommitServices,
  commit,
  type Transaction,
  type TransactionClient,
} from './commit.ts';
export { DatabaseError, toDatabaseError } from './errors.ts';
export { forgetCalls, type IdempotentCall, IdempotentCallError } from './idempotent-call.ts';
export type { Invalidator, Settled } from './invalidator.ts';
export { type IsolatePoolOptions, openIsolatePool } from './isolate-pool.ts';
export { CommitRefusedError, CommitUnsettledError } from './marks.ts';
export { addToOutbox, type DrainResult, drainOutbox, type NewOutboxEntry } from './outbox.ts';
export type { OutboxEntry, OutboxHandler, OutboxHandlers } from './outbox-handlers.ts';
export { type DatabasePool, openDatabasePool } from './pool.ts';
export { lockReferringRows, lockRow } from './row-lock.ts';
