/** The one way to write: rows, invalidations and effects outside the database, in one transaction. */
export { insertAuditEntry, type NewAuditEntry } from './audit.ts';
export { type AuditFields, auditCommitment, auditLeaf } from './audit-leaf.ts';
export { commit } from './commit.ts';
export { forgetCalls, type IdempotentCall, IdempotentCallError } from './idempotent-call.ts';
export type { Invalidator, Settled } from './invalidator.ts';
export { CommitRefusedError, CommitUnsettledError } from './marks.ts';
export {
  addToOutbox,
  type Backlog,
  type DrainResult,
  drainOutbox,
  type NewOutboxEntry,
  readBacklog,
} from './outbox.ts';
export type { OutboxEntry, OutboxHandler, OutboxHandlers } from './outbox-handlers.ts';
export type { CommitOptions, CommitServices, Precondition, Transaction } from './transaction.ts';
